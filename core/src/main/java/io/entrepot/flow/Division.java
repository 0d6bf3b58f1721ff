package io.entrepot.flow;

/** How several threads of one reader get at its frames. */
public enum Division {
  /** Each thread sees every frame. */
  EACH,
  /** Each frame goes to one of the threads. */
  DIVIDED
}
