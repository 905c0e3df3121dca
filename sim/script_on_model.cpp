#include "sim/script_on_model.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/host/host.hpp"
#include "model/script/script_interpreter.hpp"
#include "model/script/script_option.hpp"
#include "model/systems/setting.hpp"
#include "sim/script_network.hpp"

namespace netlimits::sim {
namespace {

// A fixed sequence of lots: the same script always gives the same run. (Knuth's MMIX multiplier; only spread matters.)
class Lots {
 public:
  std::uint32_t next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>(state_ >> 33U);
  }

 private:
  std::uint64_t state_ = 0x9e3779b97f4a7c15ULL;
};

class ModelCalls final : public SocketCalls {
 public:
  ModelCalls(const Script& script, const ModelScriptRunner::ProfileNamed& profile_named,
             std::shared_ptr<GroupDraws> draws)
      : draws_(std::move(draws)) {
    const bool alone = script.hosts.size() == 1;
    for (const auto& [name, wanted] : script.hosts) {
      if (!add_host(name, wanted, alone, profile_named)) return;
    }
  }

  const std::string& why_not() const { return why_not_; }

  void follow(const StepResult* other) override {
    demanded_.reset();
    none_demanded_ = false;
    choice_.candidates.clear();
    if (other == nullptr) return;
    none_demanded_ = other->result == name_of(Error::eaddrnotavail) || other->result == name_of(Error::eaddrinuse);
    if (other->port && !none_demanded_) demanded_ = Port{*other->port};
  }

  CallAnswer socket(ProcessSlot process, Family family, SocketType type, bool nonblocking, SocketSlot made) override {
    const Process& owner = processes_[process];
    auto socket = network_[owner.host].socket(owner.id, family, type);
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
    return answer(host_of(socket).set_option(id(socket), *known, *value));
  }

  CallAnswer get_option(SocketSlot socket, std::string_view option) override {
    const auto known = option_named(option);
    if (!known) return {.why_not = "the option " + std::string(option) + " is not modelled"};
    if (*known == Option::error) {
      settle_failure(socket);
      const auto error = host_of(socket).take_error(id(socket));
      if (!error) return refused(error.error());
      CallAnswer told;
      if (*error) told.text = name_of(**error);
      return told;
    }
    const auto value = host_of(socket).get_option(id(socket), *known);
    if (!value) return refused(value.error());
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
    return with_port(socket, had_port, answer(host_of(socket).bind(id(socket), local, lot())));
  }

  CallAnswer listen(SocketSlot socket, std::int64_t backlog) override {
    const bool had_port = has_port(socket);
    if (!had_port) bind_choice(socket);
    return with_port(socket, had_port, answer(host_of(socket).listen(id(socket), backlog, lot())));
  }

  CallAnswer connect(SocketSlot socket, const Endpoint& remote, Duration timeout) override {
    const bool had_port = has_port(socket);
    Socket& own = sockets_[socket];
    own.failure.reset();
    const bool in_progress_before = state_of(socket) != TcpState::closed;
    if (!had_port) connect_choice(socket, remote);
    const auto begun = host_of(socket).connect(id(socket), remote, lot(), network_.now(), network_.effects());
    if (!begun) {
      network_.finish(own.host);
      // A blocking caller waits on for a connection that an earlier call began (net/ipv4/af_inet.c
      // inet_stream_connect).
      if (begun.error().error != Error::ealready || own.nonblocking) return refused(begun.error());
    } else if (own.type == SocketType::dgram) {
      network_.finish(own.host);
      return with_port(socket, had_port, {});
    }
    const std::optional<Port> port = had_port ? std::nullopt : port_of(socket);
    network_.finish(own.host);
    CallAnswer result;
    if (begun && in_progress_before) {
      result = {};  // the call that tells that an earlier one succeeded
    } else if (own.nonblocking) {
      result = {.result = name_of(Error::einprogress), .rule = Rule::connect_nonblocking};
    } else {
      host_of(socket).set_waiting(id(socket), true);
      network_.wait_until(timeout, [&] { return own.failure || !under_way(socket); });
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
    const auto done = host_of(socket).disconnect(id(socket), network_.now(), network_.effects());
    network_.finish(sockets_[socket].host);
    return answer(done);
  }

  CallAnswer await(SocketSlot socket, AwaitedEvent event, Duration timeout) override {
    if (event == AwaitedEvent::readable) {
      network_.wait_until(timeout, [&] { return host_of(socket).readable(id(socket)); });
      if (host_of(socket).readable(id(socket))) return {};
      return {.result = "pending", .rule = Rule::await_nothing};
    }
    Socket& own = sockets_[socket];
    const auto undecided = [&] {  // poll() never calls a listener writable
      const TcpState state = state_of(socket);
      return state == TcpState::syn_sent || state == TcpState::listen;
    };
    network_.wait_until(timeout, [&] { return own.failure || !undecided(); });
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
    const Socket own = sockets_[listener];
    Outcome<SocketId> accepted = network_[own.host].accept(own.id, network_.now(), network_.effects());
    network_.finish(own.host);
    if (!accepted && accepted.error().error == Error::eagain) {
      network_.wait_until(timeout, [&] { return network_[own.host].readable(own.id); });
      accepted = network_[own.host].accept(own.id, network_.now(), network_.effects());
      network_.finish(own.host);
    }
    if (!accepted) return refused(accepted.error());
    keep(made, own.host, *accepted, SocketType::stream, false);
    return {};
  }

  CallAnswer local_name(SocketSlot socket) override { return answer(host_of(socket).local_name(id(socket))); }
  CallAnswer peer_name(SocketSlot socket) override { return answer(host_of(socket).peer_name(id(socket))); }

  CallAnswer send(SocketSlot socket, std::int64_t bytes, const std::optional<Endpoint>& to, Duration timeout) override {
    const bool had_port = has_port(socket);
    if (!sockets_[socket].nonblocking) network_.wait_until(timeout, [&] { return !under_way(socket); });
    if (!had_port) bind_choice(socket);
    const auto sent = host_of(socket).send(id(socket), static_cast<std::uint32_t>(bytes), to, lot(), network_.now(),
                                           network_.effects());
    network_.finish(sockets_[socket].host);
    if (!sent) return refused(sent.error());
    CallAnswer told;
    told.number = *sent;
    return with_port(socket, had_port, told);
  }

  CallAnswer receive(SocketSlot socket, Duration timeout) override {
    Outcome<std::uint32_t> got = host_of(socket).receive_data(id(socket), network_.now(), network_.effects());
    network_.finish(sockets_[socket].host);
    if (!got && got.error().error == Error::eagain) {
      network_.wait_until(timeout, [&] { return host_of(socket).readable(id(socket)); });
      got = host_of(socket).receive_data(id(socket), network_.now(), network_.effects());
      network_.finish(sockets_[socket].host);
    }
    if (!got) return refused(got.error());
    CallAnswer told;
    told.number = *got;
    return told;
  }

  CallAnswer shutdown(SocketSlot socket, bool read, bool write) override {
    const auto done = host_of(socket).shutdown(id(socket), read, write, network_.now(), network_.effects());
    network_.finish(sockets_[socket].host);
    return answer(done);
  }

  CallAnswer close(SocketSlot socket) override {
    const auto done = host_of(socket).close(id(socket), network_.now(), network_.effects());
    network_.finish(sockets_[socket].host);
    return answer(done);
  }

  CallAnswer open_files(ProcessSlot process, std::int64_t count) override {
    CallAnswer told;
    told.number = static_cast<std::int64_t>(network_[processes_[process].host].open_files(
        processes_[process].id, static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0))));
    return told;
  }

  CallAnswer exit(ProcessSlot process) override {
    // On a machine of its own each socket's segments are answered before the next one is closed.
    Host& host = network_[processes_[process].host];
    for (const SocketId socket : host.closing_order(processes_[process].id)) {
      (void)host.close(socket, network_.now(), network_.effects());
      network_.finish(processes_[process].host);
    }
    host.exit_process(processes_[process].id, network_.now(), network_.effects());
    network_.finish(processes_[process].host);
    return {};
  }

  CallAnswer sleep(Duration time) override {
    network_.wait_until(time, [] { return false; });
    return {};
  }

  CallAnswer write_sysctl(HostSlot host, std::string_view name, std::string_view value) override {
    return answer(network_[host].write_setting(name, value));
  }

  RuleSet rules_reached() const override {
    RuleSet reached;
    for (const auto& host : network_.hosts()) reached |= host->rules_reached();
    return reached;
  }

  PortRange automatic_range(HostSlot host) override { return network_[host].settings().local_port_range; }

 private:
  struct Process {
    HostSlot host;
    ProcessId id;
  };
  struct Socket {
    HostSlot host = 0;
    SocketId id;
    SocketType type = SocketType::stream;
    bool nonblocking = false;
    std::optional<Refusal> failure;  // of a connection in progress, not told yet
  };

  bool add_host(const std::string& name, const ScriptHost& wanted, bool alone,
                const ModelScriptRunner::ProfileNamed& profile_named) {
    HostConfig config;
    config.name = name;
    config.profile = profile_named(wanted.os);
    if (!config.profile) {
      why_not_ = "there is no profile \"" + wanted.os + "\"";
      return false;
    }
    config.settings = config.profile->settings;
    const std::string system = config.profile->system;
    config.devices = wanted.devices;
    config.addresses_on_loopback = alone;
    config.default_route = false;
    config.group_draws = draws_;
    for (const std::string& text : wanted.addresses) {
      const auto block = AddressBlock::parse(text);
      if (!block) {
        why_not_ = "\"" + text + "\" is no address";
        return false;
      }
      if (!block->address.is_loopback()) config.addresses.push_back(*block);
    }
    const HostSlot slot = network_.add(std::move(config));
    Host& host = network_[slot];
    const auto writes = writing_order(host.settings(), system, wanted.sysctl);
    if (!writes) {
      why_not_ = "the setting " + writes.error() + " cannot have that value";
      return false;
    }
    for (const auto& [setting, value] : *writes) (void)host.write_setting(setting, value);
    for (const auto& [process_name, process] : wanted.processes) {
      ProcessConfig own;
      own.name = process_name;
      own.nofile = process.nofile;
      own.uid = process.uid;
      own.privileged = process.uid == 0;
      processes_.push_back({slot, host.add_process(std::move(own))});
    }
    return true;
  }

  static CallAnswer refused(const Refusal& refusal) { return {.result = name_of(refusal.error), .rule = refusal.rule}; }
  static CallAnswer answer(const Outcome<void>& outcome) { return outcome ? CallAnswer{} : refused(outcome.error()); }
  static CallAnswer answer(const Outcome<Endpoint>& outcome) {
    if (!outcome) return refused(outcome.error());
    CallAnswer told;
    told.endpoint = *outcome;
    return told;
  }

  // ---- sockets

  Host& host_of(SocketSlot socket) { return network_[sockets_[socket].host]; }
  SocketId id(SocketSlot socket) const { return sockets_[socket].id; }
  TcpState state_of(SocketSlot socket) { return host_of(socket).view(id(socket)).state; }

  bool under_way(SocketSlot socket) {
    const TcpState state = state_of(socket);
    return state == TcpState::syn_sent || state == TcpState::syn_received;
  }

  std::optional<Port> port_of(SocketSlot socket) {
    const auto name = host_of(socket).local_name(id(socket));
    if (!name || name->port.value == 0) return std::nullopt;
    return name->port;
  }
  bool has_port(SocketSlot socket) { return port_of(socket).has_value(); }

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
                  host_of(socket).connect_candidates(id(socket), remote, network_.now()));
  }
  bool choice_wanted(SocketSlot socket) {
    return demanded_ && host_of(socket).settings().local_port_range.size().value <= most_ports_tried;
  }
  void keep_choice(SocketSlot socket, Rule rule, const std::vector<Port>& candidates) {
    choice_ = {};
    choice_.rule = name_of(sockets_[socket].type == SocketType::dgram ? Rule::datagram_automatic_port : rule);
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

  PortLot lot() { return {lots_.next(), demanded_, none_demanded_}; }

  void keep(SocketSlot slot, HostSlot host, SocketId socket, SocketType type, bool nonblocking) {
    sockets_.resize(std::max<std::size_t>(sockets_.size(), slot + std::size_t{1}));
    sockets_[slot] = {host, socket, type, nonblocking, std::nullopt};
    network_[host].set_user_data(socket, slot + std::uint64_t{1});
    if (nonblocking) network_[host].set_nonblocking(socket, true);
  }

  void settle_failure(SocketSlot socket) { sockets_[socket].failure.reset(); }

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

  void note(const Notice& notice) {
    if (notice.kind != NoticeKind::connect_failed || notice.user_data == 0) return;
    Socket& socket = sockets_[static_cast<std::size_t>(notice.user_data - 1)];
    if (socket.id == notice.socket) socket.failure = notice.error.value_or(Refusal{Error::econnrefused, {}, {}});
  }

  ScriptNetwork network_{[this](const Notice& notice) { note(notice); }};
  std::vector<Process> processes_;
  std::vector<Socket> sockets_;
  Lots lots_;
  std::optional<Port> demanded_;
  bool none_demanded_ = false;
  std::shared_ptr<GroupDraws> draws_;
  PortChoice choice_;
  std::string why_not_;
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
                                 std::shared_ptr<GroupDraws> draws) const {
  ModelCalls calls(script, profile_named_, std::move(draws));
  if (!calls.why_not().empty()) {
    ScriptRun run;
    run.passed = false;
    run.not_run = calls.why_not();
    return run;
  }
  return interpret(script, calls, {judge, other});
}

}  // namespace netlimits::sim
