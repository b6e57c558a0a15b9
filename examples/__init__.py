"""Examples of programs that use the store from outside: over HTTP, and with none of our code."""
