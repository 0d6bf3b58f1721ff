package io.entrepot.examples.video;

import java.awt.image.BufferedImage;

/**
 * The first frame of a scene.
 *
 * @param frame its number, from 0
 * @param seconds its time stamp
 * @param distance how much its brightness differs from the frame before, 0 to 1
 * @param picture a small picture of it
 */
record SceneCut(long frame, double seconds, double distance, BufferedImage picture) {}
