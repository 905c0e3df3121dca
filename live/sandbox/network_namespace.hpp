// A network namespace held by descriptor: it has no name outside and goes with its last holder and process.
#pragma once

#include <string>

#include "live/sandbox/descriptor.hpp"
#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

class NetworkNamespace {
 public:
  // A new namespace with its loopback interface up. The calling thread stays where it is. Requires: the right to make
  // one, as inside a Sandbox.
  static SystemResult<NetworkNamespace> create();
  // The one that the calling thread is in.
  static SystemResult<NetworkNamespace> current();
  // The one behind a file such as /proc/7/ns/net.
  static SystemResult<NetworkNamespace> at(const std::string& file);

  // Moves the calling thread there. Sockets that exist keep their namespace.
  SystemResult<void> enter() const;
  int descriptor() const { return handle_.number(); }

 private:
  explicit NetworkNamespace(Descriptor handle) : handle_(std::move(handle)) {}
  Descriptor handle_;
};

// The calling thread is in `there` while this lives, and back where it was afterwards.
class Visit {
 public:
  static SystemResult<Visit> to(const NetworkNamespace& there);
  Visit(Visit&&) noexcept = default;
  Visit& operator=(Visit&&) = delete;
  ~Visit();

 private:
  explicit Visit(NetworkNamespace home) : home_(std::move(home)) {}
  NetworkNamespace home_;
};

}  // namespace netlimits::live
