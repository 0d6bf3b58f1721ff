package io.entrepot.examples.video;

import org.bytedeco.javacpp.BytePointer;

/** A number as a JavaCPP pointer: the address of a leased slot, or a tag for a C callback. */
final class NativeAddress extends BytePointer {

  NativeAddress(long address) {
    this.address = address;
  }
}
