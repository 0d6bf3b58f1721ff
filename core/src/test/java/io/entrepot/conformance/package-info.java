/**
 * The kernel's own tests of DMA-BUF, told anew: each method is named after the test whose behaviour
 * it holds Entrepot to, and says where Entrepot departs from it. Behaviour is taken from them, no
 * text and no code.
 */
package io.entrepot.conformance;
