// A throw-away world: user, network, mount and process-id namespaces of its own, as an ordinary user or as root.
//
// How to use it
//   1. In the caller, before the start: make the memory that both sides share (live/sandbox/shared_memory.hpp) or open
//   the
//      descriptors that both sides shall hold.
//   2. Sandbox::start(body). `body` runs in a fork of the caller that is process 1 of the new namespaces, the leader.
//      It is root over its own network namespaces and over nothing else; its current network namespace is new and empty
//      but for a loopback interface that is up.
//   3. In the body: NetworkNamespace::create() for each host (live/sandbox/network_namespace.hpp), interfaces and
//   addresses with
//      live/sandbox/links.hpp, settings with live/sandbox/sysctl.hpp, processes with spawn()
//      (live/sandbox/child_process.hpp), which puts each into the network namespace that it is given; hold_exactly()
//      (live/sandbox/own_descriptors.hpp) gives such a process its descriptor limit.
//   4. In the caller: wait() for the end, or kill(). The body's return value is the exit code.
//
// Root gives its identity up: inside, user 0 is an id that is nobody outside, so that the kernel itself refuses every
// host-wide setting and file. Where user namespaces are forbidden there is no sandbox, for root neither: the real root
// in a network namespace could still change the machine.
//
// Nothing remains: when the leader ends, for whatever reason, the kernel kills every process of its process-id
// namespace, and with the last of them go the network namespaces, interfaces, addresses, rules and mounts. The leader
// dies with the thread that called start() (PR_SET_PDEATHSIG), so also when the caller is killed by SIGKILL. No name is
// left outside: network namespaces are held by descriptor, mounts are made in a private mount namespace.
//
// The leader has a process group of its own: an interrupt from the terminal reaches the caller only, whose end or
// kill() then ends the leader.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>

#include "live/sandbox/descriptor.hpp"
#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

// What the leader knows about its world.
struct SandboxFacts {
  // User ids 0 .. user_ids-1 exist inside. 1 for an ordinary user (only id 0, which is the user's own outside).
  unsigned user_ids = 1;
  bool fresh_proc = false;  // /proc shows the sandbox's own processes (containers may forbid the mount)
};

class Sandbox {
 public:
  using Body = std::function<int(const SandboxFacts&)>;

  // Returns as soon as the sandbox stands and `body` is about to run. Requires: the caller has one thread (the leader
  // is a fork of it). An exception that leaves `body` ends the leader with exit code 70.
  static tl::expected<Sandbox, Unavailable> start(const Body& body);

  Sandbox(Sandbox&&) noexcept = default;
  Sandbox& operator=(Sandbox&& other) noexcept;
  ~Sandbox();  // kill(), and waits until every process of the sandbox is gone

  pid_t leader() const { return leader_; }  // as the caller sees it
  // Waits for the leader's end, at most `patience`. Its exit code, 128 + n when signal n ended it, nothing when it is
  // still running.
  std::optional<int> wait(std::optional<std::chrono::milliseconds> patience = std::nullopt);
  void kill();  // at once and completely; the result of a later wait() is 137

 private:
  Sandbox(pid_t leader, Descriptor handle) : leader_(leader), handle_(std::move(handle)) {}

  pid_t leader_ = -1;
  Descriptor handle_;  // a pidfd: safe against reuse of the number
  std::optional<int> ended_;
};

// Could a sandbox be started here? Starts an empty one; nothing when it worked.
std::optional<Unavailable> why_no_sandbox();

}  // namespace netlimits::live
