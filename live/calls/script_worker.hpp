// One process of a script on a real kernel: it makes the socket calls that it is asked to make, one at a time.
//
// Below its descriptor limit it holds three descriptors and the script's own, nothing else: it is asked through shared
// memory. It serves many scripts one after another; between two it closes everything with a reset.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "live/calls/mailbox.hpp"
#include "model/net/endpoint.hpp"
#include "model/sockets/socket.hpp"

namespace netlimits::live {

enum class WorkerCall : std::uint8_t {
  begin,   // a script begins: first = descriptor limit, second = effective user id, flag = give up all capabilities
  finish,  // it has ended: close everything with a reset, be root again
  clean,   // nothing else runs in the namespace: end TIME_WAIT and whatever else is left; number = what would not go
  sysctl,  // text = "name\nvalue"
  read_sysctl,  // text = name; the answer's text is the value
  socket,       // first = address family, second = type and flags
  set_option,   // text = name; first, second = numbers; length = bytes to pass; or a device behind the name's line
  get_option,
  bind,
  listen,
  connect,
  disconnect,
  await_connected,
  await_readable,
  accept,
  local_name,
  peer_name,
  send,  // first = bytes; flag: `endpoint` is where to
  receive,
  shutdown,  // first = SHUT_RD, ...
  close,
  open_files,
  exit,
  batch,  // first = how many of the questions beside the box, one after the other
};

struct WorkerQuestion {
  WorkerCall call{};
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

using WorkerBox = Mailbox<WorkerQuestion, WorkerAnswer>;

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
[[noreturn]] void serve_script_calls(WorkerBox& box, WorkerBatch& batch);

}  // namespace netlimits::live
