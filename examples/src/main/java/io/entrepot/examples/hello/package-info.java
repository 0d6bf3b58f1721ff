/** The example of the README. */
package io.entrepot.examples.hello;
