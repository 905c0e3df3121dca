// KernelCalls makes each call of the interpreter a question to a process. Below it the life of a script: settings and
// roles before, clearing up after, and the run in one batch.
#include "live/calls/script_on_kernel.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "live/calls/call_batch.hpp"
#include "live/calls/script_requirements.hpp"
#include "live/calls/script_world.hpp"
#include "live/sandbox/interrupt.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "live/sandbox/socket_address.hpp"
#include "model/script/script_interpreter.hpp"
#include "model/script/script_option.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::live {
namespace {

constexpr std::string_view port_range_setting = "net.ipv4.ip_local_port_range";

// The kernel forgets what it learned about peers only with the namespace, and a bounded SYN queue asks for it
// (net/ipv4/tcp_input.c tcp_conn_request, tcp_peer_is_proven).
bool needs_new_world(const Script& script) {
  const std::string asks = "net.ipv4.tcp_max_syn_backlog";
  const auto set = [&](const auto& named) { return named.second.sysctl.contains(asks); };
  const auto sets = [&](const Step& step) { return step.call == Call::sysctl && step.sysctl_name == asks; };
  return std::any_of(script.hosts.begin(), script.hosts.end(), set) ||
         std::any_of(script.steps.begin(), script.steps.end(), sets);
}

std::optional<PortRange> range_in(std::string_view text) {
  unsigned first = 0;
  unsigned last = 0;
  if (std::sscanf(std::string(text).c_str(), "%u %u", &first, &last) != 2 || first > last || last > 65535)
    return std::nullopt;
  return PortRange{Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(last)}};
}

class KernelCalls final : public SocketCalls {
 public:
  // `batch`: what takes the questions instead of the processes.
  KernelCalls(ScriptWorlds& worlds, World& world, const Script& script, CallBatch* batch = nullptr)
      : worlds_(worlds), world_(world), batch_(batch) {
    HostSlot host = 0;
    for (const auto& [name, wanted] : script.hosts) {
      for (std::size_t index = 0; index < wanted.processes.size(); ++index)
        processes_.push_back({host, world.hosts[host].workers[index]});
      const auto range = wanted.sysctl.find(std::string(port_range_setting));
      ranges_.push_back(range == wanted.sysctl.end() ? Settings{}.local_port_range
                                                     : range_in(range->second).value_or(Settings{}.local_port_range));
      ++host;
    }
  }

  // A process did not answer: its world is of no further use. Or the batch has no answer.
  bool lost() const { return lost_; }
  // Something was closed or shut down by the script itself: it may have left TIME_WAIT or the like.
  bool closed_something() const { return closed_something_; }

  CallAnswer socket(ProcessSlot process, Family family, SocketType type, bool nonblocking, SocketSlot made) override {
    WorkerQuestion question;
    question.call = WorkerCall::socket;
    question.first = family_number(family);
    question.second = (type == SocketType::stream ? SOCK_STREAM : SOCK_DGRAM) | (nonblocking ? SOCK_NONBLOCK : 0);
    const auto answer = ask(processes_[process].worker, question);
    if (answer && answer->error == 0) keep(made, process, answer->descriptor, nonblocking);
    return told(answer);
  }

  CallAnswer set_option(SocketSlot socket, const OptionWrite& option) override {
    const auto known = option_named(option.name);
    if (!known) return {.why_not = "the option " + std::string(option.name) + " is not known"};
    WorkerQuestion question = about(socket, WorkerCall::set_option);
    std::string text(option.name);
    if (*known == Option::bind_to_device) text.append("\n").append(option.text);
    text.copy(question.text.data(), question.text.size() - 1);
    if (!option.numbers.empty()) question.first = option.numbers[0];
    if (option.numbers.size() > 1) question.second = option.numbers[1];
    if (*known == Option::local_port_range && option.numbers.size() == 1) {
      question.second = question.first >> 16;
      question.first &= 0xffff;
    }
    const bool is_device = *known == Option::bind_to_device;
    question.length =
        option.length.value_or(is_device ? static_cast<std::int64_t>(option.text.size()) : natural_length(*known));
    return told(ask(socket, question));
  }

  CallAnswer get_option(SocketSlot socket, std::string_view option) override {
    const auto known = option_named(option);
    if (!known) return {.why_not = "the option " + std::string(option) + " is not known"};
    WorkerQuestion question = about(socket, WorkerCall::get_option);
    option.copy(question.text.data(), question.text.size() - 1);
    const auto answer = ask(socket, question);
    CallAnswer result = told(answer);
    if (!answer || answer->error != 0) return result;
    result.values = answer->values;
    result.value_count = answer->value_count;
    if (*known == Option::error && answer->values[0] != 0)
      result.text = name_of(error_of(static_cast<int>(answer->values[0])));
    if (*known == Option::bind_to_device) {
      device_ = answer->text.data();
      result.text = device_;
      result.value_count = 0;
    }
    return result;
  }

  CallAnswer bind(SocketSlot socket, const Endpoint& local) override {
    WorkerQuestion question = about(socket, WorkerCall::bind);
    question.endpoint = local;
    return with_port(socket, question, local.port.value == 0);
  }

  CallAnswer listen(SocketSlot socket, std::int64_t backlog) override {
    WorkerQuestion question = about(socket, WorkerCall::listen);
    question.first = backlog;
    return with_port(socket, question, true);
  }

  CallAnswer connect(SocketSlot socket, const Endpoint& remote, Duration timeout) override {
    WorkerQuestion question = about(socket, WorkerCall::connect);
    question.endpoint = remote;
    question.timeout_ns = timeout.count();
    return with_port(socket, question, true);
  }

  CallAnswer disconnect(SocketSlot socket) override {
    closed_something_ = true;
    return with_port(socket, about(socket, WorkerCall::disconnect), false);
  }

  CallAnswer await(SocketSlot socket, AwaitedEvent event, Duration timeout) override {
    WorkerQuestion question =
        about(socket, event == AwaitedEvent::connected ? WorkerCall::await_connected : WorkerCall::await_readable);
    question.timeout_ns = timeout.count();
    return told(ask(socket, question));
  }

  CallAnswer accept(SocketSlot listener, SocketSlot made, Duration timeout) override {
    WorkerQuestion question = about(listener, WorkerCall::accept);
    question.timeout_ns = timeout.count();
    const auto answer = ask(listener, question);
    if (answer && answer->error == 0) keep(made, sockets_[listener].process, answer->descriptor, false);
    return told(answer);
  }

  CallAnswer local_name(SocketSlot socket) override { return named(socket, WorkerCall::local_name); }
  CallAnswer peer_name(SocketSlot socket) override { return named(socket, WorkerCall::peer_name); }

  CallAnswer send(SocketSlot socket, std::int64_t bytes, const std::optional<Endpoint>& to, Duration timeout) override {
    WorkerQuestion question = about(socket, WorkerCall::send);
    question.first = bytes;
    question.flag = to.has_value();
    if (to) question.endpoint = *to;
    question.timeout_ns = timeout.count();
    return with_port(socket, question, true);
  }

  CallAnswer receive(SocketSlot socket, Duration timeout) override {
    WorkerQuestion question = about(socket, WorkerCall::receive);
    question.timeout_ns = timeout.count();
    const auto answer = ask(socket, question);
    CallAnswer result = told(answer);
    if (answer) result.number = answer->number;
    return result;
  }

  CallAnswer shutdown(SocketSlot socket, bool read, bool write) override {
    closed_something_ = true;
    WorkerQuestion question = about(socket, WorkerCall::shutdown);
    question.first = read && write ? SHUT_RDWR : (read ? SHUT_RD : SHUT_WR);
    return told(ask(socket, question));
  }

  CallAnswer close(SocketSlot socket) override {
    closed_something_ = true;
    return told(ask(socket, about(socket, WorkerCall::close)));
  }

  CallAnswer open_files(ProcessSlot process, std::int64_t count) override {
    WorkerQuestion question;
    question.call = WorkerCall::open_files;
    question.first = count;
    const auto answer = ask(processes_[process].worker, question);
    // How many were opened is the result; that it was not all is no error of the step.
    CallAnswer result;
    if (!answer) return told(answer);
    result.number = answer->number;
    return result;
  }

  CallAnswer exit(ProcessSlot process) override {
    closed_something_ = true;
    WorkerQuestion question;
    question.call = WorkerCall::exit;
    return told(ask(processes_[process].worker, question));
  }

  CallAnswer sleep(Duration time) override {
    // In slices, so that an interrupt is noticed.
    const auto end = std::chrono::steady_clock::now() + time;
    while (!interrupted() && std::chrono::steady_clock::now() < end) {
      const auto left = end - std::chrono::steady_clock::now();
      std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, std::chrono::milliseconds(50)));
    }
    return {};
  }

  CallAnswer write_sysctl(HostSlot host, std::string_view name, std::string_view value) override {
    const auto error = change_setting(host, std::string(name), std::string(value));
    if (!error) return told(std::nullopt);
    if (*error != 0) return {.result = name_of(error_of(*error))};
    if (name == port_range_setting) ranges_[host] = range_in(value).value_or(ranges_[host]);
    return {};
  }

  PortRange automatic_range(HostSlot host) override { return ranges_[host]; }

  // Writes a setting and remembers what it was. 0 or an errno; nothing when the process is gone.
  std::optional<int> change_setting(HostSlot host, const std::string& name, const std::string& value) {
    WorldHost& own = world_.hosts[host];
    WorkerQuestion question;
    if (!own.usual.contains(name)) {
      question.call = WorkerCall::read_sysctl;
      name.copy(question.text.data(), question.text.size() - 1);
      const auto before = ask(own.workers.front(), question);
      if (!before) return std::nullopt;
      if (before->error != 0) return before->error;
      own.usual[name] = before->text.data();
      own.current[name] = before->text.data();
    }
    question.call = WorkerCall::sysctl;
    question.text = {};
    (name + "\n" + value).copy(question.text.data(), question.text.size() - 1);
    const auto written = ask(own.workers.front(), question);
    if (!written) return std::nullopt;
    if (written->error == 0) own.current[name] = value;
    return written->error;
  }

 private:
  struct Process {
    HostSlot host;
    std::size_t worker;
  };
  struct Socket {
    ProcessSlot process = 0;
    int descriptor = -1;
    bool nonblocking = false;
  };

  std::optional<WorkerAnswer> ask(std::size_t worker, const WorkerQuestion& question) {
    if (lost_) return std::nullopt;
    auto answer = batch_ != nullptr ? batch_->ask(question) : worlds_.ask(worker, question);
    lost_ = !answer.has_value();
    return answer;
  }
  std::optional<WorkerAnswer> ask(SocketSlot socket, const WorkerQuestion& question) {
    return ask(processes_[sockets_[socket].process].worker, question);
  }

  WorkerQuestion about(SocketSlot socket, WorkerCall call) const {
    WorkerQuestion question;
    question.call = call;
    question.descriptor = sockets_[socket].descriptor;
    question.nonblocking = sockets_[socket].nonblocking;
    return question;
  }

  static CallAnswer told(const std::optional<WorkerAnswer>& answer) {
    if (!answer) return {.why_not = "a process of the sandbox does not answer"};
    if (answer->pending) return {.result = "pending"};
    if (answer->error != 0) return {.result = name_of(error_of(answer->error))};
    return {};
  }

  CallAnswer named(SocketSlot socket, WorkerCall call) {
    const auto answer = ask(socket, about(socket, call));
    CallAnswer result = told(answer);
    if (answer) result.endpoint = answer->endpoint;
    return result;
  }

  // For a call that may choose a port (`automatic`): the port that getsockname() tells afterwards. It may be one that
  // the socket had before, held or only remembered from an attempt that failed; who follows it takes it only where it
  // has to choose one.
  CallAnswer with_port(SocketSlot socket, const WorkerQuestion& question, bool automatic) {
    const auto answer = ask(socket, question);
    CallAnswer result = told(answer);
    if (!answer) return result;
    if (question.call == WorkerCall::send) result.number = answer->number;
    if (automatic && answer->port != 0) result.port = Port{answer->port};
    return result;
  }

  void keep(SocketSlot slot, ProcessSlot process, int descriptor, bool nonblocking) {
    sockets_.resize(std::max<std::size_t>(sockets_.size(), slot + std::size_t{1}));
    sockets_[slot] = {process, descriptor, nonblocking};
  }

  ScriptWorlds& worlds_;
  World& world_;
  CallBatch* batch_;
  std::vector<Process> processes_;
  std::vector<Socket> sockets_;
  std::vector<PortRange> ranges_;
  std::string device_;
  bool lost_ = false;
  bool closed_something_ = false;
};

}  // namespace

struct KernelScriptRunner::State {
  explicit State(ScriptWorlds started) : worlds(std::move(started)), hard_limit(hard_descriptor_limit()) {}

  std::string change_settings(KernelCalls& calls, World& world, const Script& script);
  std::string set_up(KernelCalls& calls, World& world, const Script& script);
  WorkerQuestion beginning(const ScriptProcess& process) const;
  bool clean_up(World& world, const Script& script, bool residue_possible);

  std::string why_not(const Script& script) const { return why_not_here(script, worlds.user_ids(), hard_limit); }

  ScriptWorlds worlds;
  std::uint64_t hard_limit;
};

namespace {

ScriptRun not_run(std::string why) {
  ScriptRun run;
  run.passed = false;
  run.not_run = std::move(why);
  return run;
}

}  // namespace

// In words what failed, or nothing.
std::string KernelScriptRunner::State::change_settings(KernelCalls& calls, World& world, const Script& script) {
  HostSlot slot = 0;
  for (const auto& [name, wanted] : script.hosts) {
    WorldHost& host = world.hosts[slot];
    std::map<std::string, std::string> goal = host.usual;
    for (const auto& [setting, value] : wanted.sysctl) goal[setting] = value;
    std::erase_if(goal, [&](const auto& entry) {
      const auto now = host.current.find(entry.first);
      return now != host.current.end() && now->second == entry.second;
    });
    // Some settings bound each other (the port range and the first unprivileged port): go round until nothing moves.
    for (std::size_t before = goal.size() + 1; !goal.empty() && goal.size() < before;) {
      before = goal.size();
      std::erase_if(goal,
                    [&](const auto& entry) { return calls.change_setting(slot, entry.first, entry.second) == 0; });
    }
    if (!goal.empty())
      return "the setting " + goal.begin()->first + " = " + goal.begin()->second + " cannot be made in a sandbox";
    ++slot;
  }
  return {};
}

WorkerQuestion KernelScriptRunner::State::beginning(const ScriptProcess& process) const {
  WorkerQuestion question;
  question.call = WorkerCall::begin;
  question.first = static_cast<std::int64_t>(process.nofile);
  question.second = process.uid;
  question.flag = process.uid >= worlds.user_ids();
  return question;
}

// Settings and roles. In words what failed, or nothing.
std::string KernelScriptRunner::State::set_up(KernelCalls& calls, World& world, const Script& script) {
  if (std::string trouble = change_settings(calls, world, script); !trouble.empty()) return trouble;
  HostSlot slot = 0;
  for (const auto& [name, wanted] : script.hosts) {
    std::size_t index = 0;
    for (const auto& [process_name, process] : wanted.processes) {
      const auto begun = worlds.ask(world.hosts[slot].workers[index++], beginning(process));
      if (!begun || begun->error != 0) return "process " + process_name + " could not take its limit and user";
    }
    ++slot;
  }
  return {};
}

bool KernelScriptRunner::State::clean_up(World& world, const Script& script, bool residue_possible) {
  WorkerQuestion question;
  std::size_t slot = 0;
  for (const auto& [name, wanted] : script.hosts) {
    question.call = WorkerCall::finish;
    for (std::size_t index = 0; index < wanted.processes.size(); ++index)
      if (!worlds.ask(world.hosts[slot].workers[index], question)) return false;
    ++slot;
  }
  if (!residue_possible) return true;
  question.call = WorkerCall::clean;
  for (const WorldHost& host : world.hosts) {
    const auto cleaned = worlds.ask(host.workers.front(), question);
    if (!cleaned || cleaned->number != 0) return false;
  }
  return true;
}

tl::expected<KernelScriptRunner, Unavailable> KernelScriptRunner::start() {
  auto worlds = ScriptWorlds::start();
  if (!worlds) return tl::unexpected(worlds.error());
  return KernelScriptRunner(std::make_unique<State>(std::move(*worlds)));
}

KernelScriptRunner::KernelScriptRunner(std::unique_ptr<State> state) : state_(std::move(state)) {}
KernelScriptRunner::KernelScriptRunner(KernelScriptRunner&&) noexcept = default;
KernelScriptRunner& KernelScriptRunner::operator=(KernelScriptRunner&&) noexcept = default;
KernelScriptRunner::~KernelScriptRunner() = default;

bool KernelScriptRunner::several_users() const { return state_->worlds.user_ids() > 1; }

ScriptRun KernelScriptRunner::run(const Script& script, bool judge) {
  if (std::string why = state_->why_not(script); !why.empty()) return not_run(std::move(why));
  auto found = state_->worlds.world_for(script);
  if (found && needs_new_world(script)) {
    state_->worlds.drop(**found);
    found = state_->worlds.world_for(script);
  }
  if (!found) return not_run("the sandbox could not make the hosts: " + found.error().text());
  World& world = **found;
  KernelCalls calls(state_->worlds, world, script);
  ScriptRun run;
  if (std::string trouble = state_->set_up(calls, world, script); !trouble.empty()) {
    run = not_run(std::move(trouble));
  } else {
    run = interpret(script, calls, {judge, nullptr});
  }
  if (calls.lost() || !state_->clean_up(world, script, calls.closed_something()) || needs_new_world(script))
    state_->worlds.drop(world);
  return run;
}

ScriptRun KernelScriptRunner::run_at_once(const Script& script) {
  ScriptWorlds& worlds = state_->worlds;
  if (!CallBatch::suits(script) || needs_new_world(script) || !state_->why_not(script).empty())
    return run(script, false);
  const auto found = worlds.world_for(script);
  if (!found) return run(script, false);
  World& world = **found;
  KernelCalls settings(worlds, world, script);
  if (!state_->change_settings(settings, world, script).empty()) return run(script, false);

  CallBatch batch;
  batch.add(state_->beginning(script.hosts.begin()->second.processes.begin()->second));
  const std::size_t first = batch.questions().size();
  KernelCalls writing(worlds, world, script, &batch);
  (void)interpret(script, writing, {false, nullptr});
  const std::size_t end = batch.questions().size();
  WorkerQuestion question;
  question.call = WorkerCall::finish;
  batch.add(question);
  question.call = WorkerCall::clean;
  if (writing.closed_something()) batch.add(question);

  auto answers = worlds.ask_all(world.hosts.front().workers.front(), batch.questions());
  if (!answers) {
    worlds.drop(world);
    return run(script, false);
  }
  const bool begun = answers->front().error == 0;
  const bool clean = answers->back().number == 0;
  batch.begin_answers(std::move(*answers), first);
  KernelCalls reading(worlds, world, script, &batch);
  ScriptRun told = interpret(script, reading, {false, nullptr});
  if (!clean) worlds.drop(world);
  if (!begun || reading.lost() || !batch.used_up_to(end)) return run(script, false);
  return told;
}

}  // namespace netlimits::live
