// A socket script as a value: a short list of socket calls on one or more hosts, each with the result it must have.
// The JSON format is read by scenarios/; sim/ runs a script on the model, live/ on a kernel.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/net/time.hpp"
#include "model/systems/rule.hpp"

namespace netlimits {

// A text field of a step that may hold {name} of a saved value or {i} of a loop, filled in when the step runs.
using Template = std::string;

// What a step may say about a port: "40000", "40000-40009", "even", "odd", "nonzero", "in-range", "!40000".
using PortExpectation = std::string;

enum class Call : std::uint8_t {
  socket,
  setsockopt,
  getsockopt,
  bind,
  listen,
  connect,
  disconnect,
  await,
  accept,
  getsockname,
  getpeername,
  send,
  recv,
  shutdown,
  close,
  open_files,
  exit,
  sleep,
  sysctl,
  repeat,
  ports,
};

std::string_view name_of(Call call);  // as scripts spell it

struct Step {
  Call call{};
  std::vector<std::string> returns{};  // "ok" or errno names, any one will do; empty: "ok"

  Template as{};                // socket, accept: the new name
  Template socket{};            // the socket acted on
  Template process{};           // "host/process"; empty: the script's first host's process "p" ("a/p")
  std::string domain = "inet";  // inet, inet6
  std::string type = "stream";  // stream, dgram
  bool nonblocking = false;
  std::string option{};               // SO_REUSEADDR, ...
  std::vector<std::int64_t> value{};  // one number, or two for IP_LOCAL_PORT_RANGE and SO_LINGER
  std::string text_value{};           // SO_BINDTODEVICE's device, SO_ERROR's errno name
  bool has_value = false;
  std::optional<std::int64_t> length{};  // setsockopt: pass that many bytes
  Template address{};
  Template port{};  // a number or a template; for getsockname, getpeername, ports: a PortExpectation
  bool has_port = false;
  std::int64_t backlog = 128;
  std::optional<Duration> timeout{};
  std::string event{};                        // await: connected, readable
  std::map<std::string, std::string> save{};  // "port" -> name, "address" -> name
  std::optional<std::int64_t> bytes{};
  std::string how{};       // shutdown: rd, wr, rdwr
  std::int64_t count = 0;  // open_files, repeat, ports
  bool has_count = false;
  std::optional<std::int64_t> opened{};
  Duration sleep{};
  std::string host{};  // sysctl
  std::string sysctl_name{};
  std::string sysctl_value{};
  std::vector<Step> body{};                                         // repeat
  std::optional<std::pair<std::int64_t, std::int64_t>> succeeds{};  // least, most
  std::vector<std::string> stops_with{};
  Template sockets{};  // ports: a name pattern with * and ?
  std::optional<std::int64_t> distinct{};

  std::string pointer{};  // JSON pointer of the step in its file
};

struct ScriptProcess {
  std::uint64_t nofile = 1024;
  std::uint32_t uid = 0;
};

struct ScriptHost {
  std::string os = "linux";
  std::vector<std::string> addresses{};
  std::map<std::string, std::string> sysctl{};
  std::vector<std::string> devices{};
  std::map<std::string, ScriptProcess> processes{};
};

struct Script {
  std::string name{};
  std::string source{};
  std::string kernel_min{};
  std::map<std::string, ScriptHost> hosts{};
  std::vector<Step> steps{};
  double slow_seconds = 0;  // about how long a live run takes; not used in any result
  std::vector<std::string> tags{};
  std::string live{};
  std::string live_skip{};
  std::string live_kernel{};
};

// An automatic choice of a port, as the model sees it that follows another run.
struct PortChoice {
  std::string_view rule{};     // has static storage
  bool reuse_address = false;  // SO_REUSEADDR is set: the halves of the range come one after the other
  bool own_range = false;      // the socket has IP_LOCAL_PORT_RANGE
  // Every port that some draw gives, ascending.
  std::vector<std::uint16_t> candidates{};
  std::uint32_t draws = 0;  // each of them comes with at least one draw among so many like ones
  std::uint16_t taken = 0;
};

// What one executor saw at one step.
struct StepResult {
  std::string result{};  // "ok", an errno name, "pending", or for a violated expectation what was found ("port 40001")
  bool as_expected = true;
  std::string expected{};               // in words, when not as expected
  std::string rule{};                   // the model's rule that decided, empty for a kernel
  std::string pointer{};                // the step
  std::optional<std::uint16_t> port{};  // the port that an automatic choice took in this step
  std::string found{};                  // what the call gave beside its result: "127.0.0.1:40000", "5 bytes"
  std::uint32_t number = 0;  // the step's number in its script, counted in reading order (a loop before its body)
};

struct ScriptRun {
  std::vector<StepResult> steps{};  // in the order they ran; loops are unrolled
  bool passed = true;
  std::string not_run{};              // why the executor could not run it; empty when it ran
  RuleSet rules{};                    // the model's rules that decided something on the way; none for a kernel
  std::vector<PortChoice> choices{};  // in their order; only of an executor that follows another one
};

}  // namespace netlimits
