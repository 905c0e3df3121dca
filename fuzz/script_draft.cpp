// One function a call, which appends its step; and the choice among the sockets and processes that are there.
#include "fuzz/script_draft.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace netlimits::fuzz {
namespace {

// A kernel answers on loopback and on a virtual wire within the call; waiting longer would only cost time. But it works
// some things off by its clock of 250 Hz: the ACK of a first FIN at the next tick (4 ms), a SYN that met something old
// after 8 to 16 ms. A wait is longer than these, so that its outcome is decided by the rules.
constexpr Duration patience = std::chrono::milliseconds(30);

// A receiver that answers with data of its own acknowledges what it got with that answer, or 40 ms later, and until
// then its peer holds the next small segment back (Nagle's algorithm; RFC 9293, 3.7.4). No limit depends on it and the
// model does not have it, so that a second send of a socket comes when the first is acknowledged.
constexpr Duration until_acknowledged = std::chrono::milliseconds(60);

}  // namespace

std::vector<Step> ScriptDraft::take_steps() {
  for (std::size_t number = 0; number < steps_.size(); ++number)
    steps_[number].pointer = fmt::format("/steps/{}", number);
  return std::move(steps_);
}

const ScriptDraft::Socket& ScriptDraft::some_socket() {
  // Calls on the same few sockets make the interesting sequences.
  const auto size = static_cast<std::uint32_t>(sockets_.size());
  if (drawn(60) && size > 3) return sockets_[size - 1 - below(3)];
  return sockets_[below(size)];
}

std::string ScriptDraft::some_process() {
  std::string name = world_.wire && drawn(50) ? "b/" : "a/";
  return name += drawn(75) ? 'p' : 'q';
}

std::string ScriptDraft::other_host_process(std::string_view process) {
  if (!world_.wire) return some_process();
  std::string name = process[0] == 'a' ? "b/" : "a/";
  return name += drawn(75) ? 'p' : 'q';
}

Step& ScriptDraft::add(Call call) {
  Step& step = steps_.emplace_back();
  step.call = call;
  return step;
}

Step& ScriptDraft::add(Call call, const Socket& socket) {
  Step& step = add(call);
  step.socket = socket.name;
  return step;
}

std::string ScriptDraft::new_name() { return fmt::format("s{}", next_name_++); }

ScriptDraft::Socket ScriptDraft::socket(const Wish& wish) {
  Socket made{new_name(), wish.process.empty() ? some_process() : wish.process, wish.six, wish.dgram};
  Step& step = add(Call::socket);
  step.as = made.name;
  step.process = made.process;
  step.domain = wish.six ? "inet6" : "inet";
  step.type = wish.dgram ? "dgram" : "stream";
  step.nonblocking = wish.nonblocking;
  sockets_.push_back(made);
  return made;
}

void ScriptDraft::option(const Socket& socket, std::string_view name, std::initializer_list<std::int64_t> value) {
  Step& step = add(Call::setsockopt, socket);
  step.option = name;
  step.has_value = true;
  step.value = value;
}

void ScriptDraft::device(const Socket& socket, std::string_view name) {
  Step& step = add(Call::setsockopt, socket);
  step.option = "SO_BINDTODEVICE";
  step.has_value = true;
  step.text_value = name;
}

void ScriptDraft::bind(const Socket& socket, std::string_view address, std::uint16_t port) {
  Step& step = add(Call::bind, socket);
  step.address = address;
  step.port = std::to_string(port);
  step.has_port = true;
}

void ScriptDraft::listen(const Socket& socket, std::int64_t backlog) { add(Call::listen, socket).backlog = backlog; }

void ScriptDraft::connect(const Socket& socket, std::string_view address, std::uint16_t port) {
  Step& step = add(Call::connect, socket);
  step.address = address;
  step.port = std::to_string(port);
  step.has_port = true;
  step.timeout = patience;
}

ScriptDraft::Socket ScriptDraft::accept(const Socket& listener) {
  Socket made{new_name(), listener.process, listener.six, listener.dgram};
  Step& step = add(Call::accept, listener);
  step.as = made.name;
  step.timeout = patience;
  sockets_.push_back(made);
  return made;
}

void ScriptDraft::send(const Socket& socket, std::int64_t bytes) {
  if (!socket.dgram && !senders_.insert(socket.name).second) sleep(until_acknowledged);
  Step& step = add(Call::send, socket);
  step.bytes = bytes;
  step.timeout = patience;
}
void ScriptDraft::receive(const Socket& socket) { add(Call::recv, socket).timeout = patience; }
void ScriptDraft::shutdown(const Socket& socket, std::string_view how) { add(Call::shutdown, socket).how = how; }

void ScriptDraft::await(const Socket& socket, bool connected) {
  Step& step = add(Call::await, socket);
  step.event = connected ? "connected" : "readable";
  step.timeout = patience;
}

void ScriptDraft::sleep(Duration time) { add(Call::sleep).sleep = time; }

void ScriptDraft::setting(std::string_view host, std::string_view name, std::string_view value) {
  Step& step = add(Call::sysctl);
  step.host = host;
  step.sysctl_name = name;
  step.sysctl_value = value;
}

void ScriptDraft::exit(std::string_view process) { add(Call::exit).process = process; }

void ScriptDraft::look(const Socket& socket) {
  switch (below(5)) {
    case 0:
      add(Call::getsockname, socket);
      return;
    case 1:
      add(Call::getpeername, socket);
      return;
    case 2:
      add(Call::getsockopt, socket).option = "SO_ERROR";
      return;
    case 3:
      return await(socket, drawn(50));
    default:
      return receive(socket);
  }
}

}  // namespace netlimits::fuzz
