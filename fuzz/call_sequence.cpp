// First the tables: worlds, beginnings, calls. Then which calls may follow a sequence (in order, not exchangeable with
// the one before), then the sequence as a script.
#include "fuzz/call_sequence.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace netlimits::fuzz {
namespace {

// What a kernel answers over loopback it answers within the call. But a SYN that met something old is repeated 9 to
// 16 ms later, and a call that gave up in between would make a race of it.
constexpr Duration wait_for_answer = std::chrono::milliseconds(30);

// Both ports and no other are in the automatic range. With two ports every choice is certain: connect() tries the even
// one first, bind() the odd one.
constexpr std::string_view port_range = "40000 40001";
constexpr std::array<std::string_view, 3> ports{"40000", "40001", "0"};
constexpr std::uint8_t both_ports = 3;
constexpr std::array<std::string_view, 4> names{"a", "b", "c", "d"};
constexpr std::uint8_t first_child = 2;
constexpr std::uint8_t end_of_children = 4;

constexpr std::array<std::string_view, option_count> option_names{"SO_REUSEADDR", "SO_REUSEPORT", "IPV6_V6ONLY",
                                                                  "IP_BIND_ADDRESS_NO_PORT", "SO_LINGER"};
bool is_option(Deed deed) { return static_cast<std::size_t>(deed) < option_count; }
bool names_a_port(Deed deed) { return deed == Deed::bind || deed == Deed::connect; }

std::uint8_t bit_of(std::uint8_t port) {
  return port == automatic_port ? both_ports : static_cast<std::uint8_t>(1U << port);
}

}  // namespace

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
    const std::vector<PlannedCall> listener{{Deed::reuse_address, 0}, {Deed::bind, 0}, {Deed::listen, 0}};
    std::vector<PlannedCall> connection = listener;
    connection.insert(connection.end(), {{Deed::connect, 1}, {Deed::accept, 0}});
    std::vector<PlannedCall> client_first = connection;
    client_first.insert(client_first.end(), {{Deed::close, 1}, {Deed::close, first_child}});
    std::vector<PlannedCall> server_first = connection;
    server_first.insert(server_first.end(), {{Deed::close, first_child}, {Deed::close, 1}});
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
  const auto offer = [&](PlannedCall call) {
    if (makes_sense(call) && in_order(call)) calls.push_back(call);
  };
  for (std::uint8_t slot = 0; slot < end_of_children; ++slot) {
    const SequenceWorld::Kind& kind = kind_of(slot);
    for (auto number = 0; number <= static_cast<int>(Deed::close); ++number) {
      const auto deed = static_cast<Deed>(number);
      if (!names_a_port(deed)) {
        offer({deed, slot});
        continue;
      }
      const auto& addresses = deed == Deed::bind ? kind.addresses : kind.destinations;
      const auto address_count = static_cast<std::uint8_t>(addresses.size());
      const std::uint8_t last_port = deed == Deed::bind ? automatic_port : 1;
      for (std::uint8_t address = 0; address < address_count; ++address)
        for (std::uint8_t port = 0; port <= last_port; ++port) offer({deed, slot, address, port});
    }
  }
  return calls;
}

bool CallSequence::makes_sense(const PlannedCall& call) const {
  const Socket& socket = sockets_[call.slot];
  if (call.slot >= first_child && !socket.open) return false;
  switch (call.deed) {
    case Deed::v6_only:
      return kind_of(call.slot).six;
    case Deed::accept:
      return !sockets_[first_child].open || !sockets_[first_child + 1].open;
    case Deed::close:
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
  if (is_option(last.deed)) {
    // The options of an idle socket come directly before its first call, in their order; those of others in theirs.
    const bool idle = !sockets_[last.slot].used;
    if (idle && call.slot != last.slot) return false;
    if (is_option(call.deed) && (idle || sockets_[call.slot].used))
      return std::pair(call.slot, call.deed) > std::pair(last.slot, last.deed);
  }
  return call.slot >= last.slot || !commute(last, call);
}

std::uint8_t CallSequence::footprint(const PlannedCall& call, const Socket& socket) const {
  switch (call.deed) {
    case Deed::reuse_address:
    case Deed::reuse_port:
    case Deed::v6_only:
    case Deed::no_port_at_bind:
    case Deed::reset_at_close:
    case Deed::close:
      return socket.held;
    case Deed::bind:
      return static_cast<std::uint8_t>(bit_of(call.port) | socket.held);
    case Deed::listen:
      return socket.held == 0 ? both_ports : socket.held;
    default:
      return both_ports;
  }
}

bool CallSequence::commute(const PlannedCall& earlier, const PlannedCall& later) const {
  if (connected_ || later.deed == Deed::connect || earlier.slot >= first_child || later.slot >= first_child)
    return false;
  if (is_option(later.deed) && !sockets_[later.slot].used) return false;  // it goes with the call behind it
  return (footprint(earlier, before_[earlier.slot]) & footprint(later, sockets_[later.slot])) == 0;
}

bool CallSequence::chooses(const PlannedCall& call) const {
  const bool one_port = sockets_[call.slot].held == 1 || sockets_[call.slot].held == 2;
  switch (call.deed) {
    case Deed::bind:
      return call.port == automatic_port;
    case Deed::listen:
    case Deed::connect:
      return !one_port;
    default:
      return false;
  }
}

bool CallSequence::stands_for_itself() const {
  if (!from_nothing_ || chosen_) return true;
  const auto first =
      std::find_if(calls_.begin(), calls_.end(), [](const Made& made) { return names_a_port(made.call.deed); });
  if (first == calls_.end()) return true;
  return first->call.port == 0 && (!world_->addresses_alike || first->call.address == 0);
}

// ---- what the sequence comes to

CallSequence CallSequence::with(PlannedCall call) const {
  CallSequence longer = *this;
  Made made{call};
  made.creates = !sockets_[call.slot].open;
  if (call.deed == Deed::accept) made.child = sockets_[first_child].open ? first_child + 1 : first_child;
  longer.calls_.push_back(made);
  longer.chosen_ = chosen_ || chooses(call);
  longer.connected_ = connected_ || call.deed == Deed::connect;
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
  if (!is_option(call.deed)) socket.used = true;
  const auto holds = [&](std::uint8_t asked) {
    if (!ok) return;
    if (asked != both_ports)
      socket.held = asked;
    else
      socket.held = gave.port && *gave.port % 2 == 0 ? 1 : (gave.port ? 2 : both_ports);
  };
  switch (call.deed) {
    case Deed::reuse_address:
    case Deed::reuse_port:
    case Deed::v6_only:
    case Deed::no_port_at_bind:
    case Deed::reset_at_close:
      if (ok)
        socket.options[static_cast<std::size_t>(call.deed)] = !socket.options[static_cast<std::size_t>(call.deed)];
      goes_on_ = ok;
      break;
    case Deed::bind:
      holds(bit_of(call.port));
      goes_on_ = gave.result != "EINVAL";
      break;
    case Deed::listen:
      if (socket.held == 0) holds(both_ports);
      goes_on_ = gave.result != "EINVAL";
      break;
    case Deed::connect:
      socket.held = both_ports;
      goes_on_ = gave.result != "EISCONN";
      break;
    case Deed::accept:
      if (ok) sockets_[last.child] = {.open = true, .used = true, .options = socket.options, .held = both_ports};
      goes_on_ = gave.result != "EINVAL" && gave.result != "EAGAIN";
      break;
    case Deed::disconnect:
      if (socket.held != 0) socket.held = both_ports;
      goes_on_ = was_used;
      break;
    case Deed::close:
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
  std::array<std::array<bool, option_count>, 4> options{};
  const auto step = [&](Call call, std::uint8_t slot) -> Step& {
    Step& made = script.steps.emplace_back();
    made.call = call;
    made.socket = names[slot];
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
    switch (call.deed) {
      case Deed::reuse_address:
      case Deed::reuse_port:
      case Deed::v6_only:
      case Deed::no_port_at_bind:
      case Deed::reset_at_close: {
        const auto number = static_cast<std::size_t>(call.deed);
        Step& set = step(Call::setsockopt, call.slot);
        set.option = option_names[number];
        bool& value = options[call.slot][number];
        value = !value;
        set.value = {value ? 1 : 0};
        if (call.deed == Deed::reset_at_close) set.value.push_back(0);
        set.has_value = true;
        break;
      }
      case Deed::bind:
      case Deed::connect: {
        Step& named = step(call.deed == Deed::bind ? Call::bind : Call::connect, call.slot);
        named.address = (call.deed == Deed::bind ? kind.addresses : kind.destinations)[call.address];
        named.port = ports[call.port];
        named.has_port = true;
        if (call.deed == Deed::connect) named.timeout = wait_for_answer;
        break;
      }
      case Deed::listen:
        step(Call::listen, call.slot).backlog = 0;
        break;
      case Deed::accept: {
        Step& accept = step(Call::accept, call.slot);
        accept.as = names[made.child];
        accept.timeout = Duration::zero();
        options[made.child] = options[call.slot];
        break;
      }
      case Deed::shutdown_read:
        step(Call::shutdown, call.slot).how = "rd";
        break;
      case Deed::shutdown_write:
        step(Call::shutdown, call.slot).how = "wr";
        break;
      case Deed::disconnect:
        step(Call::disconnect, call.slot);
        break;
      case Deed::close:
        step(Call::close, call.slot);
        break;
    }
  }
  for (std::uint8_t slot = 0; slot < end_of_children; ++slot) {
    const bool just_made = !calls_.empty() && calls_.back().call.deed == Deed::accept && calls_.back().child == slot;
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
