// What can go wrong on a channel. Every message says which ring, who, and what to do.
#pragma once

#include <stdexcept>
#include <string>

namespace lhw::bridge {

// The base of all of them.
class BridgeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The descriptor is no ring, or one of another version or slot size.
class LayoutError : public BridgeError {
 public:
  using BridgeError::BridgeError;
};

// The memory of a ring could not be had.
class RingMemoryError : public BridgeError {
 public:
  using BridgeError::BridgeError;
};

// The process at the other end is gone without having said so.
class PeerDied : public BridgeError {
 public:
  PeerDied(std::string ring_name, std::string peer_name, int peer_pid)
      : BridgeError(peer_name + " (pid " + std::to_string(peer_pid) + ") died while ring '" + ring_name +
                    "' was in use; see its last output for the cause"),
        ring(std::move(ring_name)),
        name(std::move(peer_name)),
        pid(peer_pid) {}
  std::string ring;
  std::string name;
  int pid;
};

// The other end gave up and said why.
class PeerFailed : public BridgeError {
 public:
  PeerFailed(std::string ring_name, std::string peer_name, int fail_code, std::string fail_text)
      : BridgeError(peer_name + " failed (code " + std::to_string(fail_code) + "): " + fail_text),
        ring(std::move(ring_name)),
        name(std::move(peer_name)),
        code(fail_code),
        text(std::move(fail_text)) {}
  std::string ring;
  std::string name;
  int code;
  std::string text;
};

// The other end was closed in good order and what it had sent has been read.
class PeerClosed : public BridgeError {
 public:
  PeerClosed(std::string ring_name, std::string peer_name)
      : BridgeError(peer_name + " has closed its end of ring '" + ring_name + "'"),
        ring(std::move(ring_name)),
        name(std::move(peer_name)) {}
  std::string ring;
  std::string name;
};

// A wait was ended because somebody asked both ends to stop.
class Stopped : public BridgeError {
 public:
  using BridgeError::BridgeError;
};

// A wait was ended from another thread of this process by interrupt().
class Interrupted : public BridgeError {
 public:
  using BridgeError::BridgeError;
};

}  // namespace lhw::bridge
