package io.entrepot.internal.memory;

/** Why a wait on a futex ended. After any of them the caller looks at the words again. */
public enum FutexResult {
  /** Somebody woke it, or it woke without reason. */
  WOKEN,
  /** A word was not what was expected; nothing was waited for. */
  VALUE_CHANGED,
  /** The calling thread was interrupted, or a signal came. */
  INTERRUPTED,
  /** The time was up. */
  TIMED_OUT
}
