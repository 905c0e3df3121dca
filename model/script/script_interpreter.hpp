// Runs a socket script against whatever answers its calls.
//
// Everything about a script that is no socket call is decided here and only here: names, templates, loops, default
// timeouts, expectations. So an executor (the model in sim/, a kernel in live/) answers one call at a time, and two
// executors can differ in nothing but the calls. Pure: no clock, no I/O.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/net/endpoint.hpp"
#include "model/net/time.hpp"
#include "model/script/script.hpp"
#include "model/sockets/socket.hpp"
#include "model/systems/rule.hpp"

namespace netlimits {

// Sockets are numbered by the interpreter in the order in which a script makes them; a number is never used again.
// Processes and hosts are numbered in the order of Script::hosts and ScriptHost::processes.
using SocketSlot = std::uint32_t;
using ProcessSlot = std::uint32_t;
using HostSlot = std::uint32_t;

// What a call gave. The views have static storage.
struct CallAnswer {
  std::string_view result = "ok";        // "ok", an errno name, or "pending"
  Rule rule = no_rule;                   // the model's, that decided
  std::optional<Port> port{};            // the port that an automatic choice took
  const PortChoice* choice = nullptr;    // of that port, if the executor tells; it lives until the next call
  Endpoint endpoint{};                   // local_name, peer_name
  std::int64_t number = 0;               // send, receive: bytes; open_files: how many were opened
  std::array<std::int64_t, 2> values{};  // get_option
  std::uint8_t value_count = 1;          // get_option: how many of `values` count; 0: `text`
  std::string_view text{};               // get_option: an errno name (SO_ERROR) or a device
  std::string why_not{};  // not empty: this executor cannot do the call at all (in words); the run ends as "not run"

  bool ok() const { return result == "ok"; }
};

// A socket option as a script writes it. Requires: option_named(name) knows it (model/script/script_option.hpp).
struct OptionWrite {
  std::string_view name;
  std::span<const std::int64_t> numbers;
  std::string_view text;               // SO_BINDTODEVICE
  std::optional<std::int64_t> length;  // pass that many bytes
};

enum class AwaitedEvent : std::uint8_t { connected, readable };

// One executor. The interpreter never passes a socket that the script has closed, nor a process that has ended.
class SocketCalls {
 public:
  virtual ~SocketCalls() = default;

  // What another executor saw at the step that comes next, or nothing. An executor may follow it where the system
  // draws: take the port that the other one took, if it could have.
  virtual void follow(const StepResult* /*other*/) {}

  virtual CallAnswer socket(ProcessSlot process, Family family, SocketType type, bool nonblocking, SocketSlot made) = 0;
  virtual CallAnswer set_option(SocketSlot socket, const OptionWrite& option) = 0;
  virtual CallAnswer get_option(SocketSlot socket, std::string_view option) = 0;
  virtual CallAnswer bind(SocketSlot socket, const Endpoint& local) = 0;
  virtual CallAnswer listen(SocketSlot socket, std::int64_t backlog) = 0;
  // On a blocking stream socket waits at most `timeout` for the outcome; "pending" afterwards.
  virtual CallAnswer connect(SocketSlot socket, const Endpoint& remote, Duration timeout) = 0;
  virtual CallAnswer disconnect(SocketSlot socket) = 0;
  // connected: the outcome of a connection in progress, taken as SO_ERROR is (so it is told once); ENOTCONN when there
  // is neither a connection nor an error. readable: ok when a receive or accept would not wait; takes nothing away.
  virtual CallAnswer await(SocketSlot socket, AwaitedEvent event, Duration timeout) = 0;
  virtual CallAnswer accept(SocketSlot listener, SocketSlot made, Duration timeout) = 0;
  virtual CallAnswer local_name(SocketSlot socket) = 0;
  virtual CallAnswer peer_name(SocketSlot socket) = 0;
  // On a blocking stream socket waits at most `timeout` for a connection that is under way.
  virtual CallAnswer send(SocketSlot socket, std::int64_t bytes, const std::optional<Endpoint>& to,
                          Duration timeout) = 0;
  virtual CallAnswer receive(SocketSlot socket, Duration timeout) = 0;
  virtual CallAnswer shutdown(SocketSlot socket, bool read, bool write) = 0;
  virtual CallAnswer close(SocketSlot socket) = 0;
  virtual CallAnswer open_files(ProcessSlot process, std::int64_t count) = 0;
  virtual CallAnswer exit(ProcessSlot process) = 0;
  virtual CallAnswer sleep(Duration time) = 0;
  virtual CallAnswer write_sysctl(HostSlot host, std::string_view name, std::string_view value) = 0;
  // The model's rules that have decided something beside those of the answers; none for a kernel.
  virtual RuleSet rules_reached() const { return {}; }
  // The host's automatic range as it is now.
  virtual PortRange automatic_range(HostSlot host) = 0;
};

struct InterpretOptions {
  // false: expectations are not judged and the run goes on to the end whatever the calls give (loops still end at the
  // first result that their body does not expect). For comparing two executors on scripts that expect nothing.
  bool judge = true;
  const ScriptRun* other = nullptr;  // the run that the executor is to follow
};

// The defaults that the format gives.
inline constexpr Duration default_connect_timeout = std::chrono::seconds(3);
inline constexpr Duration default_accept_timeout = std::chrono::seconds(1);
inline constexpr Duration default_send_timeout = std::chrono::seconds(1);
inline constexpr Duration default_receive_timeout = std::chrono::seconds(1);
inline constexpr Duration default_await_timeout = std::chrono::seconds(3);

// Runs the script to its end, or to the first step that is not as expected (options.judge).
ScriptRun interpret(const Script& script, SocketCalls& calls, const InterpretOptions& options = {});

}  // namespace netlimits
