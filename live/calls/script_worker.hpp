// One process of a script on a real kernel: it makes the socket calls that it is asked to make, one at a time.
//
// Below its descriptor limit it holds three descriptors and the script's own, nothing else: it is asked through shared
// memory. It serves many scripts one after another; between two it closes everything with a reset.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "live/calls/call_channel.hpp"
#include "model/net/endpoint.hpp"
#include "model/script/script.hpp"

namespace netlimits::live {

// What a process does beside the calls of a script.
enum class WorkerErrand : std::uint8_t {
  begin,   // a script begins: first = descriptor limit, second = effective user id, flag = give up all capabilities
  finish,  // it has ended: close everything with a reset, be root again
  clean,   // nothing else runs in the namespace: end TIME_WAIT and whatever else is left; number = what would not go
  read_sysctl,  // text = name; the answer's text is the value
  batch,        // first = how many of the questions beside the channel, one after the other
};

// What a call needs beside its descriptor:
//   socket: first = address family, second = type and flags
//   setsockopt: text = name; first, second = numbers; length = bytes to pass; or a device behind the name's line
//   getsockopt: text = name
//   bind, connect: endpoint
//   listen: first = backlog
//   await: flag = for something to read, else for the outcome of a connection
//   send: first = bytes; flag: `endpoint` is where to
//   shutdown: first = SHUT_RD, ...
//   open_files: first = how many
//   sysctl: text = "name\nvalue"
// The interpreter's own (sleep, repeat, ports) are not asked of a process.
struct WorkerQuestion {
  std::variant<Call, WorkerErrand> what{};
  bool flag = false;
  bool nonblocking = false;  // of the socket
  int descriptor = -1;
  std::int64_t first = 0;
  std::int64_t second = 0;
  std::int64_t length = 0;
  std::int64_t timeout_ns = 0;
  Endpoint endpoint{};
  std::array<char, 1024> text{};

  bool operator==(const WorkerQuestion&) const = default;
};

constexpr bool is(const WorkerQuestion& question, std::variant<Call, WorkerErrand> what) {
  return question.what == what;
}

struct WorkerAnswer {
  int error = 0;           // errno; 0: it worked
  bool pending = false;    // nothing within the timeout
  bool skipped = false;    // in a batch: the socket was never made, or is closed
  int descriptor = -1;     // socket, accept
  std::uint16_t port = 0;  // the socket's local port after bind, listen, connect, disconnect and send
  std::int64_t number = 0;
  std::array<std::int64_t, 2> values{};
  std::uint8_t value_count = 1;
  Endpoint endpoint{};
  std::array<char, 256> text{};
};

using WorkerChannel = CallChannel<WorkerQuestion, WorkerAnswer>;

// Many questions at once. The process writes `answers` before it answers the question that is a batch.
struct WorkerBatch {
  static constexpr std::size_t most = 64;
  std::array<WorkerQuestion, most> questions{};
  std::array<WorkerAnswer, most> answers{};
};

// In a batch, WorkerQuestion::descriptor of a socket that the question at `place` is to make. No descriptor is below
// -1.
constexpr int descriptor_made_at(std::size_t place) { return -2 - static_cast<int>(place); }

// The body of the process. Never returns.
[[noreturn]] void serve_script_calls(WorkerChannel& channel, WorkerBatch& batch);

}  // namespace netlimits::live
