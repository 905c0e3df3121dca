// First the tables: worlds, beginnings, calls. Then which calls may follow a sequence (in order, not exchangeable with
// the one before), then the sequence as a script.
#include "fuzz/call_sequence.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "model/script/script_option.hpp"

namespace netlimits::fuzz {
namespace {

// What a kernel answers over loopback it answers within the call. But a SYN that met something old is repeated 9 to
// 16 ms later, and a call that gave up in between would make a race of it.
constexpr Duration wait_for_answer = std::chrono::milliseconds(30);

// Both ports and no other are in the automatic range. With two ports every choice is certain: connect() tries the even
// one first, bind() the odd one.
constexpr std::string_view port_range = "40000 40001";
constexpr std::array<std::string_view, 3> written_ports{"40000", "40001", "0"};
constexpr std::uint8_t both_ports = 3;
constexpr std::array<std::string_view, 4> socket_names{"a", "b", "c", "d"};
constexpr std::uint8_t first_child = 2;
constexpr std::uint8_t end_of_children = 4;

PlannedCall option_of(std::uint8_t slot, Option option) {
  return {.call = Call::setsockopt, .slot = slot, .option = option};
}
bool names_a_port(Call call) { return call == Call::bind || call == Call::connect; }
void turn(std::set<Option>& options, Option option) {
  if (options.erase(option) == 0) options.insert(option);
}

std::uint8_t bit_of(std::uint8_t port) {
  return port == automatic_port ? both_ports : static_cast<std::uint8_t>(1U << port);
}

}  // namespace

std::span<const PlannedCall> kinds_of_calls() {
  static const std::vector<PlannedCall> all{option_of(0, Option::reuse_address),
                                            option_of(0, Option::reuse_port),
                                            option_of(0, Option::v6_only),
                                            option_of(0, Option::bind_no_port),
                                            option_of(0, Option::linger),
                                            {.call = Call::bind},
                                            {.call = Call::listen},
                                            {.call = Call::connect},
                                            {.call = Call::accept},
                                            {.call = Call::shutdown, .half = Half::receiving},
                                            {.call = Call::shutdown, .half = Half::sending},
                                            {.call = Call::disconnect},
                                            {.call = Call::close}};
  return all;
}

std::span<const SequenceWorld> sequence_worlds() {
  using Kind = SequenceWorld::Kind;
  static const std::vector<SequenceWorld> worlds = [] {
    const Kind two{false, {"127.0.0.1", "127.0.0.2"}, {"127.0.0.1", "127.0.0.2"}};
    const Kind wild{false, {"127.0.0.1", "0.0.0.0"}, {"127.0.0.1"}};
    const Kind six{true, {"::1", "::"}, {"::1"}};
    const Kind mapped{true, {"::ffff:127.0.0.1", "::"}, {"::ffff:127.0.0.1"}};
    return std::vector<SequenceWorld>{{"two IPv4 addresses", {two, two}, true, true},
                                      {"IPv4 and its wildcard", {wild, wild}, true, false},
                                      {"IPv6 and its wildcard", {six, six}, true, false},
                                      {"IPv4 and IPv6", {wild, mapped}, false, false}};
  }();
  return worlds;
}

std::span<const Beginning> beginnings() {
  static const std::vector<Beginning> all = [] {
    const std::vector<PlannedCall> listener{option_of(0, Option::reuse_address), {Call::bind, 0}, {Call::listen, 0}};
    std::vector<PlannedCall> connection = listener;
    connection.insert(connection.end(), {{Call::connect, 1}, {Call::accept, 0}});
    std::vector<PlannedCall> client_first = connection;
    client_first.insert(client_first.end(), {{Call::close, 1}, {Call::close, first_child}});
    std::vector<PlannedCall> server_first = connection;
    server_first.insert(server_first.end(), {{Call::close, first_child}, {Call::close, 1}});
    return std::vector<Beginning>{{"nothing", {}},
                                  {"a listener", listener},
                                  {"a connection", connection},
                                  {"a connection that its client closed first", client_first},
                                  {"a connection that its server closed first", server_first}};
  }();
  return all;
}

CallSequence::CallSequence(const SequenceWorld& world, bool from_nothing)
    : world_(&world), from_nothing_(from_nothing) {}

// ---- which calls may follow

std::vector<PlannedCall> CallSequence::next() const {
  std::vector<PlannedCall> calls;
  const auto offer = [&](const PlannedCall& call) {
    if (makes_sense(call) && in_order(call)) calls.push_back(call);
  };
  for (std::uint8_t slot = 0; slot < end_of_children; ++slot) {
    const SequenceWorld::Kind& kind = kind_of(slot);
    for (PlannedCall call : kinds_of_calls()) {
      call.slot = slot;
      if (!names_a_port(call.call)) {
        offer(call);
        continue;
      }
      const auto& addresses = call.call == Call::bind ? kind.addresses : kind.destinations;
      const auto address_count = static_cast<std::uint8_t>(addresses.size());
      const std::uint8_t last_port = call.call == Call::bind ? automatic_port : 1;
      for (call.address = 0; call.address < address_count; ++call.address)
        for (call.port = 0; call.port <= last_port; ++call.port) offer(call);
    }
  }
  return calls;
}

bool CallSequence::makes_sense(const PlannedCall& call) const {
  const Socket& socket = sockets_[call.slot];
  if (call.slot >= first_child && !socket.open) return false;
  switch (call.call) {
    case Call::setsockopt:
      return call.option != Option::v6_only || kind_of(call.slot).six;
    case Call::accept:
      return !sockets_[first_child].open || !sockets_[first_child + 1].open;
    case Call::close:
      return socket.open && socket.used;
    default:
      return true;
  }
}

bool CallSequence::in_order(const PlannedCall& call) const {
  const bool nothing_yet = from_nothing_ && calls_.empty();
  if (nothing_yet) return !world_->sockets_alike || call.slot == 0;
  if (calls_.empty()) return true;
  const PlannedCall& last = calls_.back().call;
  if (last.call == Call::setsockopt) {
    // The options of an idle socket come directly before its first call, in their order; those of others in theirs.
    const bool idle = !sockets_[last.slot].used;
    if (idle && call.slot != last.slot) return false;
    if (call.call == Call::setsockopt && (idle || sockets_[call.slot].used))
      return std::pair(call.slot, call.option) > std::pair(last.slot, last.option);
  }
  return call.slot >= last.slot || !commute(last, call);
}

std::uint8_t CallSequence::footprint(const PlannedCall& call, const Socket& socket) const {
  switch (call.call) {
    case Call::setsockopt:
    case Call::close:
      return socket.held;
    case Call::bind:
      return static_cast<std::uint8_t>(bit_of(call.port) | socket.held);
    case Call::listen:
      return socket.held == 0 ? both_ports : socket.held;
    default:
      return both_ports;
  }
}

bool CallSequence::commute(const PlannedCall& earlier, const PlannedCall& later) const {
  if (connected_ || later.call == Call::connect || earlier.slot >= first_child || later.slot >= first_child)
    return false;
  if (later.call == Call::setsockopt && !sockets_[later.slot].used) return false;  // it goes with the call behind it
  return (footprint(earlier, before_[earlier.slot]) & footprint(later, sockets_[later.slot])) == 0;
}

bool CallSequence::chooses(const PlannedCall& call) const {
  const bool one_port = sockets_[call.slot].held == 1 || sockets_[call.slot].held == 2;
  switch (call.call) {
    case Call::bind:
      return call.port == automatic_port;
    case Call::listen:
    case Call::connect:
      return !one_port;
    default:
      return false;
  }
}

bool CallSequence::stands_for_itself() const {
  if (!from_nothing_ || chosen_) return true;
  const auto first =
      std::find_if(calls_.begin(), calls_.end(), [](const Made& made) { return names_a_port(made.call.call); });
  if (first == calls_.end()) return true;
  return first->call.port == 0 && (!world_->addresses_alike || first->call.address == 0);
}

// ---- what the sequence comes to

CallSequence CallSequence::with(PlannedCall call) const {
  CallSequence longer = *this;
  Made made{call};
  made.creates = !sockets_[call.slot].open;
  if (call.call == Call::accept) made.child = sockets_[first_child].open ? first_child + 1 : first_child;
  longer.calls_.push_back(made);
  longer.chosen_ = chosen_ || chooses(call);
  longer.connected_ = connected_ || call.call == Call::connect;
  longer.before_ = sockets_;
  return longer;
}

void CallSequence::note(const ScriptRun& run) {
  const Made& last = calls_.back();
  const PlannedCall& call = last.call;
  std::size_t at = 0;
  for (const Made& made : calls_) at += made.creates ? 2 : 1;
  if (at > run.steps.size()) {
    goes_on_ = false;
    return;
  }
  const StepResult& gave = run.steps[at - 1];
  const bool ok = gave.result == "ok";
  const bool was_used = sockets_[call.slot].used;
  Socket& socket = sockets_[call.slot];
  if (last.creates) socket = {.open = true};
  if (call.call != Call::setsockopt) socket.used = true;
  const auto holds = [&](std::uint8_t asked) {
    if (!ok) return;
    if (asked != both_ports)
      socket.held = asked;
    else
      socket.held = gave.port && *gave.port % 2 == 0 ? 1 : (gave.port ? 2 : both_ports);
  };
  switch (call.call) {
    case Call::setsockopt:
      goes_on_ = ok;
      break;
    case Call::bind:
      holds(bit_of(call.port));
      goes_on_ = gave.result != "EINVAL";
      break;
    case Call::listen:
      if (socket.held == 0) holds(both_ports);
      goes_on_ = gave.result != "EINVAL";
      break;
    case Call::connect:
      socket.held = both_ports;
      goes_on_ = gave.result != "EISCONN";
      break;
    case Call::accept:
      if (ok) sockets_[last.child] = {.open = true, .used = true, .held = both_ports};
      goes_on_ = gave.result != "EINVAL" && gave.result != "EAGAIN";
      break;
    case Call::disconnect:
      if (socket.held != 0) socket.held = both_ports;
      goes_on_ = was_used;
      break;
    case Call::close:
      socket = {};
      break;
    default:
      if (socket.held != 0) socket.held = both_ports;
      break;
  }
}

Script CallSequence::script() const {
  Script script;
  script.name = "sequence";
  ScriptHost& host = script.hosts["a"];
  host.addresses = {"127.0.0.1/8", "::1/128"};
  host.sysctl.emplace("net.ipv4.ip_local_port_range", port_range);
  host.processes["p"];
  std::array<std::set<Option>, 4> options{};
  const auto step = [&](Call call, std::uint8_t slot) -> Step& {
    Step& made = script.steps.emplace_back();
    made.call = call;
    made.socket = socket_names[slot];
    return made;
  };
  for (const Made& made : calls_) {
    const PlannedCall& call = made.call;
    const SequenceWorld::Kind& kind = kind_of(call.slot);
    if (made.creates) {
      Step& created = step(Call::socket, call.slot);
      std::swap(created.socket, created.as);
      created.process = "a/p";
      created.domain = kind.six ? "inet6" : "inet";
      options[call.slot] = {};
    }
    switch (call.call) {
      case Call::setsockopt: {
        Step& set = step(Call::setsockopt, call.slot);
        set.option = name_of(call.option);
        turn(options[call.slot], call.option);
        set.value = {options[call.slot].contains(call.option) ? 1 : 0};
        if (call.option == Option::linger) set.value.push_back(0);
        set.has_value = true;
        break;
      }
      case Call::bind:
      case Call::connect: {
        Step& named = step(call.call, call.slot);
        named.address = (call.call == Call::bind ? kind.addresses : kind.destinations)[call.address];
        named.port = written_ports[call.port];
        named.has_port = true;
        if (call.call == Call::connect) named.timeout = wait_for_answer;
        break;
      }
      case Call::listen:
        step(Call::listen, call.slot).backlog = 0;
        break;
      case Call::accept: {
        Step& accept = step(Call::accept, call.slot);
        accept.as = socket_names[made.child];
        accept.timeout = Duration::zero();
        options[made.child] = options[call.slot];
        break;
      }
      case Call::shutdown:
        step(Call::shutdown, call.slot).how = call.half == Half::receiving ? "rd" : "wr";
        break;
      default:
        step(call.call, call.slot);
        break;
    }
  }
  for (std::uint8_t slot = 0; slot < end_of_children; ++slot) {
    const bool just_made = !calls_.empty() && calls_.back().call.call == Call::accept && calls_.back().child == slot;
    const bool just_created = !calls_.empty() && calls_.back().creates && calls_.back().call.slot == slot;
    if (!sockets_[slot].open && !just_made && !just_created) continue;
    step(Call::getsockname, slot);
    if (!connected_) continue;  // nobody has a peer, or an error from one
    step(Call::getpeername, slot);
    step(Call::getsockopt, slot).option = "SO_ERROR";
  }
  for (std::size_t i = 0; i < script.steps.size(); ++i) script.steps[i].pointer = fmt::format("/steps/{}", i);
  return script;
}

}  // namespace netlimits::fuzz
