package io.entrepot.flow;

import io.entrepot.sharing.FrameLayout;

/**
 * What a writer says about the bytes of a published buffer.
 *
 * @param sequence number of the frame in its feed, from 0; a gap means that frames were dropped
 * @param timestamp in the producer's unit
 * @param layout how the bytes make a picture, or {@code null}
 * @param validOffset first valid byte
 * @param validLength number of valid bytes
 * @param buffer index of the buffer in its pool
 */
public record Frame(
    long sequence,
    long timestamp,
    FrameLayout layout,
    long validOffset,
    long validLength,
    int buffer) {}
