package io.entrepot.examples.video;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Messages of one kind through a pipe: one JSON object in each line. */
final class JsonLines {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);

  /** What lines begin with that a JVM writes to standard output when it crashes. */
  private static final String CRASH = "#";

  private JsonLines() {}

  /**
   * The end to write to.
   *
   * @param <T> kind of the messages
   */
  static final class Writer<T> {
    private final OutputStream pipe;

    Writer(OutputStream pipe) {
      this.pipe = pipe;
    }

    /** Writes a message, which is on its way when this returns. Any thread may. */
    void write(T message) throws IOException {
      byte[] line = (MAPPER.writeValueAsString(message) + '\n').getBytes(StandardCharsets.UTF_8);
      synchronized (this) {
        pipe.write(line);
        pipe.flush();
      }
    }
  }

  /**
   * The end to read from.
   *
   * @param <T> kind of the messages
   */
  static final class Reader<T> {
    private final BufferedReader pipe;
    private final Class<T> kind;

    Reader(InputStream pipe, Class<T> kind) {
      this.pipe = new BufferedReader(new InputStreamReader(pipe, StandardCharsets.UTF_8));
      this.kind = kind;
    }

    /**
     * Waits for the next message.
     *
     * @return the message, or {@code null} when the other end is closed, in the middle of one
     *     perhaps
     * @throws VideoException when a line is none
     */
    T read() throws IOException {
      String line = pipe.readLine();
      while (line != null && line.startsWith(CRASH)) {
        System.err.println(line);
        line = pipe.readLine();
      }
      if (line == null) {
        return null;
      }
      try {
        return MAPPER.readValue(line, kind);
      } catch (JsonProcessingException e) {
        if (pipe.readLine() == null) {
          // The last words of a process that was killed over them.
          return null;
        }
        throw new VideoException("'" + line + "' is no message: " + e.getOriginalMessage(), e);
      }
    }
  }
}
