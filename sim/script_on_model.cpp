// A socket script's calls, answered by the model's hosts.
#include "sim/script_on_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/linear_congruential.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/host/host.hpp"
#include "model/script/script_interpreter.hpp"
#include "model/script/script_option.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"
#include "sim/script_layout.hpp"
#include "sim/script_world.hpp"

namespace netlimits::sim {
namespace {

// A random stream of a scenario takes longer to begin than a script of five calls to run. (Knuth's MMIX multiplier.)
using PortDraws =
    boost::random::linear_congruential_engine<std::uint64_t, 6364136223846793005ULL, 1442695040888963407ULL, 0>;

class ModelCalls final : public SocketCalls, private ScriptWorld {
 public:
  explicit ModelCalls(const ScriptLayout& layout) : ScriptWorld(layout) {}

  using ScriptWorld::begin;

  void follow(const StepResult* other) override {
    demanded_.reset();
    none_demanded_ = false;
    choice_.candidates.clear();
    if (other == nullptr) return;
    none_demanded_ = other->result == name_of(Error::eaddrnotavail) || other->result == name_of(Error::eaddrinuse);
    if (other->port && !none_demanded_) demanded_ = Port{*other->port};
  }

  CallAnswer socket(ProcessSlot process, Family family, SocketType type, bool nonblocking, SocketSlot made) override {
    const ScriptedProcess& owner = process_at(process);
    auto socket = on(owner.host).socket(owner.id, family, type);
    if (!socket) return refused(socket.error());
    keep(made, owner.host, *socket, type, nonblocking);
    return {};
  }

  CallAnswer set_option(SocketSlot socket, const OptionWrite& option) override {
    const auto known = option_named(option.name);
    if (!known) return {.why_not = "the option " + std::string(option.name) + " is not modelled"};
    if (const auto there = host_of(socket).has_option(id(socket), *known); !there) return refused(there.error());
    Outcome<std::int64_t> value = option_value(*known, option.numbers, option.length);
    if (!value) return refused(value.error());
    if (*known == Option::bind_to_device) value = device_index(host_of(socket), option.text);
    return answer(call(socket, [&](Host& host, SocketId own, SimTime now, Effects& effects) {
      return host.set_option(own, *known, *value, now, effects);
    }));
  }

  CallAnswer get_option(SocketSlot socket, std::string_view option) override {
    const auto known = option_named(option);
    if (!known) return {.why_not = "the option " + std::string(option) + " is not modelled"};
    if (*known == Option::error) {
      socket_at(socket).failure.reset();
      const auto error = host_of(socket).take_error(id(socket));
      if (!error) return refused(error.error());
      CallAnswer told;
      if (*error) told.text = name_of(**error);
      return told;
    }
    const auto value = host_of(socket).get_option(id(socket), *known);
    if (!value) return refused(value.error());
    const bool buffer = *known == Option::receive_buffer || *known == Option::send_buffer;
    if (buffer && *value == 0)
      return {.why_not = fmt::format("the size that the kernel gives {} by itself is not modelled", option)};
    CallAnswer told;
    told.values[0] = *value;
    if (*known == Option::linger) {
      told.values = {*value < 0 ? 0 : 1, std::max<std::int64_t>(*value, 0)};
      told.value_count = 2;
    } else if (*known == Option::local_port_range) {
      told.values = {*value & 0xffff, *value >> 16};
      told.value_count = 2;
    } else if (*known == Option::bind_to_device) {
      told.text = device_name(host_of(socket), *value);
      told.value_count = 0;
    }
    return told;
  }

  CallAnswer bind(SocketSlot socket, const Endpoint& local) override {
    const bool had_port = has_port(socket) || local.port.value != 0;
    if (!had_port) bind_choice(socket, local.address);
    return with_port(socket, had_port, answer(host_of(socket).bind(id(socket), local, port_draw())));
  }

  CallAnswer listen(SocketSlot socket, std::int64_t backlog) override {
    const bool had_port = has_port(socket);
    if (!had_port) bind_choice(socket);
    return with_port(socket, had_port, answer(host_of(socket).listen(id(socket), backlog, port_draw())));
  }

  CallAnswer connect(SocketSlot socket, const Endpoint& remote, Duration timeout) override {
    const bool had_port = has_port(socket);
    ScriptedSocket& own = socket_at(socket);
    own.failure.reset();
    const bool in_progress_before = state_of(socket) != TcpState::closed;
    if (!had_port) connect_choice(socket, remote);
    const auto begun = network().call(own.host, [&](Host& host, Effects& effects) {
      return host.connect(own.id, remote, port_draw(), network().now(), effects);
    });
    if (!begun) {
      settle();
      // A blocking caller waits on for a connection that an earlier call began (net/ipv4/af_inet.c
      // inet_stream_connect).
      if (begun.error().error != Error::ealready || own.nonblocking) return refused(begun.error());
    } else if (own.type == SocketType::dgram) {
      settle();
      return with_port(socket, had_port, {});
    }
    const std::optional<Port> port = had_port ? std::nullopt : port_of(socket);
    settle();
    CallAnswer result;
    if (begun && in_progress_before) {
      result = {};  // the call that tells that an earlier one succeeded
    } else if (own.nonblocking) {
      result = {.result = name_of(Error::einprogress), .rule = Rule::connect_nonblocking};
    } else {
      host_of(socket).set_waiting(id(socket), true);
      wait_until(timeout, [&] { return own.failure || !under_way(socket); });
      if (own.failure) {
        result = refused(*own.failure);
        own.failure.reset();
      } else if (under_way(socket)) {
        host_of(socket).set_waiting(id(socket), false);
        result = {.result = "pending", .rule = Rule::connect_unanswered};
      }
    }
    result.port = port;
    if (port) tell_choice(result);
    return result;
  }

  CallAnswer disconnect(SocketSlot socket) override {
    return answer(call(socket, [&](Host& host, SocketId own, SimTime now, Effects& effects) {
      return host.disconnect(own, now, effects);
    }));
  }

  CallAnswer await(SocketSlot socket, AwaitedEvent event, Duration timeout) override {
    if (event == AwaitedEvent::readable) {
      wait_until(timeout, [&] { return host_of(socket).readable(id(socket)); });
      if (host_of(socket).readable(id(socket))) return {};
      return {.result = "pending", .rule = Rule::await_nothing};
    }
    ScriptedSocket& own = socket_at(socket);
    const auto undecided = [&] {  // poll() never calls a listener writable
      const TcpState state = state_of(socket);
      return state == TcpState::syn_sent || state == TcpState::listen;
    };
    wait_until(timeout, [&] { return own.failure || !undecided(); });
    if (!own.failure && undecided()) return {.result = "pending", .rule = Rule::connect_unanswered};
    Rule rule = Rule::connect_outcome;
    if (own.failure) rule = own.failure->rule;
    own.failure.reset();
    const auto error = host_of(socket).take_error(id(socket));
    if (!error) return refused(error.error());
    if (*error) return {.result = name_of(**error), .rule = rule};
    return answer(host_of(socket).peer_name(id(socket)));
  }

  CallAnswer accept(SocketSlot listener, SocketSlot made, Duration timeout) override {
    const ScriptedSocket own = socket_at(listener);
    const auto take = [&] {
      return call(listener,
                  [](Host& host, SocketId id, SimTime now, Effects& effects) { return host.accept(id, now, effects); });
    };
    Outcome<SocketId> accepted = take();
    if (!accepted && accepted.error().error == Error::eagain) {
      wait_until(timeout, [&] { return on(own.host).readable(own.id); });
      accepted = take();
    }
    if (!accepted) return refused(accepted.error());
    keep(made, own.host, *accepted, SocketType::stream, false);
    return {};
  }

  CallAnswer local_name(SocketSlot socket) override { return answer(host_of(socket).local_name(id(socket))); }
  CallAnswer peer_name(SocketSlot socket) override { return answer(host_of(socket).peer_name(id(socket))); }

  CallAnswer send(SocketSlot socket, std::int64_t bytes, const std::optional<Endpoint>& to, Duration timeout) override {
    const bool had_port = has_port(socket);
    if (!socket_at(socket).nonblocking) wait_until(timeout, [&] { return !under_way(socket); });
    if (!had_port) bind_choice(socket);
    const auto sent = call(socket, [&](Host& host, SocketId own, SimTime now, Effects& effects) {
      return host.send(own, static_cast<std::uint32_t>(bytes), to, port_draw(), now, effects);
    });
    if (!sent) return refused(sent.error());
    CallAnswer told;
    told.number = *sent;
    return with_port(socket, had_port, told);
  }

  CallAnswer receive(SocketSlot socket, Duration timeout) override {
    const auto take = [&] {
      return call(socket, [](Host& host, SocketId own, SimTime now, Effects& effects) {
        return host.receive_data(own, now, effects);
      });
    };
    Outcome<std::uint32_t> got = take();
    if (!got && got.error().error == Error::eagain) {
      wait_until(timeout, [&] { return host_of(socket).readable(id(socket)); });
      got = take();
    }
    if (!got) return refused(got.error());
    CallAnswer told;
    told.number = *got;
    return told;
  }

  CallAnswer shutdown(SocketSlot socket, bool read, bool write) override {
    return answer(call(socket, [&](Host& host, SocketId own, SimTime now, Effects& effects) {
      return host.shutdown(own, read, write, now, effects);
    }));
  }

  CallAnswer close(SocketSlot socket) override {
    return answer(call(
        socket, [](Host& host, SocketId own, SimTime now, Effects& effects) { return host.close(own, now, effects); }));
  }

  CallAnswer open_files(ProcessSlot process, std::int64_t count) override {
    CallAnswer told;
    told.number = static_cast<std::int64_t>(
        on(process_at(process).host)
            .open_files(process_at(process).id, static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0))));
    return told;
  }

  CallAnswer exit(ProcessSlot process) override {
    // On a machine of its own each socket's segments are answered before the next one is closed.
    const auto [slot, ending] = process_at(process);
    for (const SocketId socket : on(slot).closing_order(ending)) {
      (void)network().call(slot,
                           [&](Host& host, Effects& effects) { return host.close(socket, network().now(), effects); });
      settle();
    }
    network().call(slot, [&, ending = ending](Host& host, Effects& effects) {
      host.exit_process(ending, network().now(), effects);
    });
    settle();
    return {};
  }

  CallAnswer sleep(Duration time) override {
    wait_until(time, [] { return false; });
    return {};
  }

  CallAnswer write_sysctl(HostSlot host, std::string_view name, std::string_view value) override {
    return answer(on(host).write_setting(name, value));
  }

  RuleSet rules_reached() const override {
    RuleSet reached;
    network().made().each([&](const HostInstance& host) { reached |= host.host.rules_reached(); });
    return reached;
  }

  PortRange automatic_range(HostSlot host) override { return on(host).settings().local_port_range; }

 private:
  static CallAnswer refused(const Refusal& refusal) { return {.result = name_of(refusal.error), .rule = refusal.rule}; }
  static CallAnswer answer(const Outcome<void>& outcome) { return outcome ? CallAnswer{} : refused(outcome.error()); }
  static CallAnswer answer(const Outcome<Endpoint>& outcome) {
    if (!outcome) return refused(outcome.error());
    CallAnswer told;
    told.endpoint = *outcome;
    return told;
  }

  CallAnswer with_port(SocketSlot socket, bool had_port, CallAnswer told) {
    if (!had_port && told.ok()) told.port = port_of(socket);
    if (told.port) tell_choice(told);
    return told;
  }

  // ---- what an automatic choice that is about to be made can give; only for who follows another run, and only from
  // few ports (each draw is tried)
  static constexpr std::uint32_t most_ports_tried = 64;

  void bind_choice(SocketSlot socket) {
    if (const auto name = host_of(socket).local_name(id(socket))) bind_choice(socket, name->address);
  }
  void bind_choice(SocketSlot socket, IpAddress local) {
    if (choice_wanted(socket))
      keep_choice(socket, Rule::bind_automatic_port, host_of(socket).bind_candidates(id(socket), local));
  }
  void connect_choice(SocketSlot socket, const Endpoint& remote) {
    if (choice_wanted(socket))
      keep_choice(socket, Rule::connect_automatic_port,
                  host_of(socket).connect_candidates(id(socket), remote, network().now()));
  }
  bool choice_wanted(SocketSlot socket) {
    return demanded_ && host_of(socket).settings().local_port_range.size().value <= most_ports_tried;
  }
  void keep_choice(SocketSlot socket, Rule rule, const std::vector<Port>& candidates) {
    choice_ = {};
    choice_.rule = name_of(socket_at(socket).type == SocketType::dgram ? Rule::datagram_automatic_port : rule);
    choice_.reuse_address = host_of(socket).get_option(id(socket), Option::reuse_address).value_or(0) != 0;
    choice_.own_range = host_of(socket).get_option(id(socket), Option::local_port_range).value_or(0) != 0;
    std::set<std::uint16_t> ports;
    for (const Port port : candidates) ports.insert(port.value);
    choice_.candidates.assign(ports.begin(), ports.end());
    choice_.draws = host_of(socket).settings().local_port_range.size().value;
  }
  void tell_choice(CallAnswer& told) {
    if (choice_.candidates.empty()) return;
    choice_.taken = told.port->value;
    told.choice = &choice_;
  }

  PortDraw port_draw() { return {static_cast<std::uint32_t>(port_draws_() >> 33U), demanded_, none_demanded_}; }

  // SO_BINDTODEVICE by number: 0 none, 1 the loopback device, then the host's own in their order.
  static std::int64_t device_index(const Host& host, std::string_view name) {
    if (name.empty()) return 0;
    if (name == "lo") return 1;
    const auto& devices = host.config().devices;
    const auto found = std::find(devices.begin(), devices.end(), name);
    if (found == devices.end()) return no_such_device;
    return 2 + (found - devices.begin());
  }
  static std::string_view device_name(const Host& host, std::int64_t index) {
    if (index == 1) return "lo";
    if (index < 2) return {};
    return host.config().devices[static_cast<std::size_t>(index - 2)];
  }
  static constexpr std::int64_t no_such_device = 0xffff;

  PortDraws port_draws_{0x9e3779b97f4a7c15ULL};  // fixed: the same script always gives the same run
  std::optional<Port> demanded_;
  bool none_demanded_ = false;
  PortChoice choice_;
};

std::shared_ptr<const OsProfile> linux_profile(const Rules& rules) {
  OsProfile profile;
  profile.name = "linux";
  profile.title = "Linux";
  profile.system = "linux";
  profile.rules = rules;
  return std::make_shared<const OsProfile>(std::move(profile));
}

}  // namespace

ModelScriptRunner::ModelScriptRunner(const Rules& rules)
    : profile_named_(
          [profile = linux_profile(rules)](std::string_view os) { return os == "linux" ? profile : nullptr; }) {}
ModelScriptRunner::ModelScriptRunner(ProfileNamed profile_named) : profile_named_(std::move(profile_named)) {}

ScriptRun ModelScriptRunner::run(const Script& script, const ScriptRun* other, bool judge,
                                 const std::shared_ptr<GroupDraws>& draws) const {
  const auto not_run = [](std::string why_not) {
    ScriptRun run;
    run.passed = false;
    run.not_run = std::move(why_not);
    return run;
  };
  ScriptLayout layout;
  if (auto why_not = layout.add_hosts(script, profile_named_, draws)) return not_run(std::move(*why_not));
  ModelCalls calls(layout);
  if (auto why_not = calls.begin(script)) return not_run(std::move(*why_not));
  return interpret(script, calls, {judge, other});
}

}  // namespace netlimits::sim
