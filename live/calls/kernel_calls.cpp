// One function a call: its arguments as a question, the answer as the interpreter wants it. Then the settings of a
// host, and what is known of each socket.
#include "live/calls/kernel_calls.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>

#include "live/sandbox/interrupt.hpp"
#include "live/sandbox/socket_address.hpp"
#include "model/script/script_option.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::live {
namespace {

constexpr std::string_view port_range_setting = "net.ipv4.ip_local_port_range";

std::optional<PortRange> range_in(std::string_view text) {
  unsigned first = 0;
  unsigned last = 0;
  if (std::sscanf(std::string(text).c_str(), "%u %u", &first, &last) != 2 || first > last || last > 65535)
    return std::nullopt;
  return PortRange{Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(last)}};
}

}  // namespace

KernelCalls::KernelCalls(ScriptWorlds& worlds, World& world, const Script& script, CallBatch* batch)
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

CallAnswer KernelCalls::socket(ProcessSlot process, Family family, SocketType type, bool nonblocking, SocketSlot made) {
  WorkerQuestion question;
  question.what = Call::socket;
  question.first = family_number(family);
  question.second = (type == SocketType::stream ? SOCK_STREAM : SOCK_DGRAM) | (nonblocking ? SOCK_NONBLOCK : 0);
  const auto answer = ask(processes_[process].worker, question);
  if (answer && answer->error == 0) keep(made, process, answer->descriptor, nonblocking);
  return told(answer);
}

CallAnswer KernelCalls::set_option(SocketSlot socket, const OptionWrite& option) {
  const auto known = option_named(option.name);
  if (!known) return {.why_not = "the option " + std::string(option.name) + " is not known"};
  WorkerQuestion question = about(socket, Call::setsockopt);
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

CallAnswer KernelCalls::get_option(SocketSlot socket, std::string_view option) {
  const auto known = option_named(option);
  if (!known) return {.why_not = "the option " + std::string(option) + " is not known"};
  WorkerQuestion question = about(socket, Call::getsockopt);
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

CallAnswer KernelCalls::bind(SocketSlot socket, const Endpoint& local) {
  WorkerQuestion question = about(socket, Call::bind);
  question.endpoint = local;
  return with_port(socket, question, local.port.value == 0);
}

CallAnswer KernelCalls::listen(SocketSlot socket, std::int64_t backlog) {
  WorkerQuestion question = about(socket, Call::listen);
  question.first = backlog;
  return with_port(socket, question, true);
}

CallAnswer KernelCalls::connect(SocketSlot socket, const Endpoint& remote, Duration timeout) {
  WorkerQuestion question = about(socket, Call::connect);
  question.endpoint = remote;
  question.timeout_ns = timeout.count();
  return with_port(socket, question, true);
}

CallAnswer KernelCalls::disconnect(SocketSlot socket) {
  closed_something_ = true;
  return with_port(socket, about(socket, Call::disconnect), false);
}

CallAnswer KernelCalls::await(SocketSlot socket, AwaitedEvent event, Duration timeout) {
  WorkerQuestion question = about(socket, Call::await);
  question.flag = event == AwaitedEvent::readable;
  question.timeout_ns = timeout.count();
  return told(ask(socket, question));
}

CallAnswer KernelCalls::accept(SocketSlot listener, SocketSlot made, Duration timeout) {
  WorkerQuestion question = about(listener, Call::accept);
  question.timeout_ns = timeout.count();
  const auto answer = ask(listener, question);
  if (answer && answer->error == 0) keep(made, sockets_[listener].process, answer->descriptor, false);
  return told(answer);
}

CallAnswer KernelCalls::local_name(SocketSlot socket) { return named(socket, Call::getsockname); }

CallAnswer KernelCalls::peer_name(SocketSlot socket) { return named(socket, Call::getpeername); }

CallAnswer KernelCalls::send(SocketSlot socket, std::int64_t bytes, const std::optional<Endpoint>& to,
                             Duration timeout) {
  WorkerQuestion question = about(socket, Call::send);
  question.first = bytes;
  question.flag = to.has_value();
  if (to) question.endpoint = *to;
  question.timeout_ns = timeout.count();
  return with_port(socket, question, true);
}

CallAnswer KernelCalls::receive(SocketSlot socket, Duration timeout) {
  WorkerQuestion question = about(socket, Call::recv);
  question.timeout_ns = timeout.count();
  const auto answer = ask(socket, question);
  CallAnswer result = told(answer);
  if (answer) result.number = answer->number;
  return result;
}

CallAnswer KernelCalls::shutdown(SocketSlot socket, bool read, bool write) {
  closed_something_ = true;
  WorkerQuestion question = about(socket, Call::shutdown);
  question.first = read && write ? SHUT_RDWR : (read ? SHUT_RD : SHUT_WR);
  return told(ask(socket, question));
}

CallAnswer KernelCalls::close(SocketSlot socket) {
  closed_something_ = true;
  return told(ask(socket, about(socket, Call::close)));
}

CallAnswer KernelCalls::open_files(ProcessSlot process, std::int64_t count) {
  WorkerQuestion question;
  question.what = Call::open_files;
  question.first = count;
  const auto answer = ask(processes_[process].worker, question);
  // How many were opened is the result; that it was not all is no error of the step.
  CallAnswer result;
  if (!answer) return told(answer);
  result.number = answer->number;
  return result;
}

CallAnswer KernelCalls::exit(ProcessSlot process) {
  closed_something_ = true;
  WorkerQuestion question;
  question.what = Call::exit;
  return told(ask(processes_[process].worker, question));
}

CallAnswer KernelCalls::sleep(Duration time) {
  // In slices, so that an interrupt is noticed.
  const auto end = std::chrono::steady_clock::now() + time;
  while (!interrupted() && std::chrono::steady_clock::now() < end) {
    const auto left = end - std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, std::chrono::milliseconds(50)));
  }
  return {};
}

CallAnswer KernelCalls::write_sysctl(HostSlot host, std::string_view name, std::string_view value) {
  const auto error = change_setting(host, std::string(name), std::string(value));
  if (!error) return told(std::nullopt);
  if (*error == ENOENT) return {.why_not = "this kernel has no setting " + std::string(name) + " in a sandbox"};
  if (*error != 0) return {.result = name_of(error_of(*error))};
  if (name == port_range_setting) ranges_[host] = range_in(value).value_or(ranges_[host]);
  return {};
}

PortRange KernelCalls::automatic_range(HostSlot host) { return ranges_[host]; }

std::optional<int> KernelCalls::change_setting(HostSlot host, const std::string& name, const std::string& value) {
  WorldHost& own = world_.hosts[host];
  WorkerQuestion question;
  if (!own.usual.contains(name)) {
    question.what = WorkerErrand::read_sysctl;
    name.copy(question.text.data(), question.text.size() - 1);
    const auto before = ask(own.workers.front(), question);
    if (!before) return std::nullopt;
    if (before->error != 0) return before->error;
    own.usual[name] = before->text.data();
    own.current[name] = before->text.data();
  }
  question.what = Call::sysctl;
  question.text = {};
  (name + "\n" + value).copy(question.text.data(), question.text.size() - 1);
  const auto written = ask(own.workers.front(), question);
  if (!written) return std::nullopt;
  if (written->error == 0) own.current[name] = value;
  return written->error;
}

std::optional<WorkerAnswer> KernelCalls::ask(std::size_t worker, const WorkerQuestion& question) {
  if (lost_) return std::nullopt;
  auto answer = batch_ != nullptr ? batch_->ask(question) : worlds_.ask(worker, question);
  lost_ = !answer.has_value();
  return answer;
}

std::optional<WorkerAnswer> KernelCalls::ask(SocketSlot socket, const WorkerQuestion& question) {
  return ask(processes_[sockets_[socket].process].worker, question);
}

WorkerQuestion KernelCalls::about(SocketSlot socket, Call call) const {
  WorkerQuestion question;
  question.what = call;
  question.descriptor = sockets_[socket].descriptor;
  question.nonblocking = sockets_[socket].nonblocking;
  return question;
}

CallAnswer KernelCalls::told(const std::optional<WorkerAnswer>& answer) {
  if (!answer) return {.why_not = "a process of the sandbox does not answer"};
  if (answer->pending) return {.result = "pending"};
  if (answer->error != 0) return {.result = name_of(error_of(answer->error))};
  return {};
}

CallAnswer KernelCalls::named(SocketSlot socket, Call call) {
  const auto answer = ask(socket, about(socket, call));
  CallAnswer result = told(answer);
  if (answer) result.endpoint = answer->endpoint;
  return result;
}

CallAnswer KernelCalls::with_port(SocketSlot socket, const WorkerQuestion& question, bool automatic) {
  const auto answer = ask(socket, question);
  CallAnswer result = told(answer);
  if (!answer) return result;
  if (is(question, Call::send)) result.number = answer->number;
  if (automatic && answer->port != 0) result.port = Port{answer->port};
  return result;
}

void KernelCalls::keep(SocketSlot slot, ProcessSlot process, int descriptor, bool nonblocking) {
  sockets_.resize(std::max<std::size_t>(sockets_.size(), slot + std::size_t{1}));
  sockets_[slot] = {process, descriptor, nonblocking};
}

}  // namespace netlimits::live
