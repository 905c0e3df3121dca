// A real process, forked into a network namespace.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>

#include "live/sandbox/network_namespace.hpp"
#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

class ChildProcess {
 public:
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // kill() and wait()

  pid_t id() const { return id_; }
  void kill();
  void stop();                 // it does nothing more, and whatever it has stays as it is
  std::optional<int> ended();  // its exit code (128 + n: by signal n) if it has ended
  int wait();

 private:
  friend SystemResult<ChildProcess> spawn(const NetworkNamespace&, const std::function<int()>&);
  explicit ChildProcess(pid_t id) : id_(id) {}
  pid_t id_ = -1;
  std::optional<int> code_;
};

// Runs `body` in a fork of the caller, inside `where`; its return value is the exit code. The child dies with the
// calling thread. An exception that leaves `body` is exit code 70. No destructor of the caller's objects runs in the
// child.
SystemResult<ChildProcess> spawn(const NetworkNamespace& where, const std::function<int()>& body);

}  // namespace netlimits::live
