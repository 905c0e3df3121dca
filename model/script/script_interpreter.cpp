// Walks through the steps of a script: asks for each call, judges its result, keeps names and loops.
#include "model/script/script_interpreter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "model/script/saved_values.hpp"
#include "model/script/script_expectation.hpp"
#include "model/script/step_words.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {
namespace {

class Interpreter {
 public:
  Interpreter(const Script& script, SocketCalls& calls, const InterpretOptions& options)
      : calls_(calls), options_(options) {
    HostSlot host = 0;
    for (const auto& [host_name, config] : script.hosts) {
      for (const auto& [process_name, process] : config.processes)
        processes_.push_back({host_name + "/" + process_name, host, false});
      hosts_.push_back(host_name);
      ++host;
    }
  }

  ScriptRun run(const std::vector<Step>& steps) {
    std::uint32_t number = 0;
    run_steps(steps, number, nullptr);
    run_.rules |= calls_.rules_reached();
    return std::move(run_);
  }

 private:
  struct Process {
    std::string name;
    HostSlot host;
    bool ended;
  };
  struct Socket {
    ProcessSlot process;
    bool open;
  };
  // One pass through a loop's body: what it made, and the result that ended it.
  struct Iteration {
    std::vector<SocketSlot> made;
    std::string ended_by;
  };

  // Runs the steps in order; `number` is the first one's and moves on. In a loop (`iteration`) a result that is not
  // wanted ends the pass and is no difference by itself.
  void run_steps(const std::vector<Step>& steps, std::uint32_t& number, Iteration* iteration) {
    for (const Step& step : steps) {
      const std::uint32_t own_number = number;
      number += numbers_of(step);
      const bool wanted =
          step.call == Call::repeat ? run_loop(step, own_number) : run_call(step, own_number, iteration);
      if (!run_.not_run.empty()) return;
      if (wanted) continue;
      if (iteration != nullptr) {
        iteration->ended_by = run_.steps.back().result;
        run_.steps.back().as_expected = true;
        return;
      }
      if (options_.judge) {
        run_.passed = false;
        return;
      }
    }
  }

  // The other executor's result at this step; where loops ran for other lengths, the next one of the same step.
  const StepResult* others_result(std::uint32_t number) {
    if (options_.other == nullptr) return nullptr;
    const auto& steps = options_.other->steps;
    for (std::size_t at = cursor_; at < steps.size(); ++at) {
      if (steps[at].number != number) continue;
      cursor_ = at + 1;
      return &steps[at];
    }
    return nullptr;
  }

  StepResult& begin_result(const Step& step, std::uint32_t number) {
    StepResult& result = run_.steps.emplace_back();
    result.pointer = step.pointer;
    result.number = number;
    return result;
  }

  bool run_loop(const Step& step, std::uint32_t number) {
    std::int64_t whole = 0;
    std::string ended_by;
    const std::string outer_pass = saved_.enter_loop();
    for (std::int64_t pass = 0; pass < step.count && ended_by.empty(); ++pass) {
      saved_.pass(pass);
      Iteration iteration;
      std::uint32_t inner_number = number + 1;
      run_steps(step.body, inner_number, &iteration);
      if (!run_.not_run.empty()) return false;
      if (iteration.ended_by.empty()) {
        ++whole;
        continue;
      }
      ended_by = std::move(iteration.ended_by);
      calls_.follow(nullptr);
      for (const SocketSlot made : iteration.made)
        if (sockets_[made].open) close_socket(made);
    }
    saved_.leave_loop(outer_pass);
    others_result(number);

    StepResult& result = begin_result(step, number);
    result.result = ended_by.empty() ? std::to_string(whole) : fmt::format("{}, then {}", whole, ended_by);
    const bool holds = judge_loop(step, whole, ended_by, result);
    if (!options_.judge) result.as_expected = true;
    return holds;
  }

  bool run_call(const Step& step, std::uint32_t number, Iteration* iteration) {
    const StepResult* other = others_result(number);
    calls_.follow(other);
    CallAnswer answer = step.call == Call::ports ? CallAnswer{} : ask(step, iteration);
    if (!answer.why_not.empty()) run_.not_run = step.pointer + ": " + answer.why_not;
    if (!run_.not_run.empty()) return false;

    StepResult& result = begin_result(step, number);
    result.result = answer.result;
    result.rule = name_of(answer.rule);
    run_.rules.mark(answer.rule);
    if (answer.port) result.port = answer.port->value;
    if (answer.choice != nullptr) run_.choices.push_back(*answer.choice);
    describe(step, answer, result);
    if (!among(answer.result, step.returns)) {
      result.expected = any_of(step.returns);
      result.as_expected = false;
    } else if (answer.ok()) {
      judge(step, answer, result);
      saved_.save(step, answer.endpoint);
    }
    if (!run_.not_run.empty()) return false;
    const bool wanted = result.as_expected;
    if (!options_.judge) result.as_expected = true;
    return wanted;
  }

  // ---- the calls

  CallAnswer ask(const Step& step, Iteration* iteration) {
    switch (step.call) {
      case Call::socket:
        return make_socket(step, iteration);
      case Call::open_files:
      case Call::exit:
        return ask_process(step);
      case Call::sleep:
        return calls_.sleep(step.sleep);
      case Call::sysctl:
        return write_sysctl(step);
      default:
        break;
    }
    const auto named = names_.find(filled(step.socket));
    if (named == names_.end() || !sockets_[named->second].open)
      return {.result = "EBADF", .rule = Rule::descriptor_not_open};
    return ask_socket(step, named->second, iteration);
  }

  CallAnswer ask_socket(const Step& step, SocketSlot socket, Iteration* iteration) {
    switch (step.call) {
      case Call::setsockopt:
        return calls_.set_option(socket, {step.option, step.value, step.text_value, step.length});
      case Call::getsockopt:
        return calls_.get_option(socket, step.option);
      case Call::bind: {
        const auto local = endpoint_of(step);
        return local ? calls_.bind(socket, *local) : CallAnswer{};
      }
      case Call::listen:
        return calls_.listen(socket, step.backlog);
      case Call::connect: {
        const auto remote = endpoint_of(step);
        return remote ? calls_.connect(socket, *remote, step.timeout.value_or(default_connect_timeout)) : CallAnswer{};
      }
      case Call::disconnect:
        return calls_.disconnect(socket);
      case Call::await:
        return calls_.await(socket, step.event == "readable" ? AwaitedEvent::readable : AwaitedEvent::connected,
                            step.timeout.value_or(default_await_timeout));
      case Call::accept: {
        const SocketSlot made = next_slot();
        CallAnswer answer = calls_.accept(socket, made, step.timeout.value_or(default_accept_timeout));
        if (answer.ok()) add_socket(sockets_[socket].process, step.as, iteration);
        return answer;
      }
      case Call::getsockname:
        return calls_.local_name(socket);
      case Call::getpeername:
        return calls_.peer_name(socket);
      case Call::send: {
        const Duration timeout = step.timeout.value_or(default_send_timeout);
        if (step.address.empty()) return calls_.send(socket, step.bytes.value_or(1), std::nullopt, timeout);
        const auto to = endpoint_of(step);
        return to ? calls_.send(socket, step.bytes.value_or(1), to, timeout) : CallAnswer{};
      }
      case Call::recv:
        return calls_.receive(socket, step.timeout.value_or(default_receive_timeout));
      case Call::shutdown:
        return calls_.shutdown(socket, step.how != "wr", step.how != "rd");
      case Call::close:
        return close_socket(socket);
      default:
        return {};
    }
  }

  CallAnswer make_socket(const Step& step, Iteration* iteration) {
    const auto process = process_named(step.process);
    if (!process) return {};
    if (processes_[*process].ended) return {.result = "EBADF", .rule = Rule::process_ended};
    CallAnswer answer =
        calls_.socket(*process, step.domain == "inet6" ? Family::inet6 : Family::inet,
                      step.type == "dgram" ? SocketType::dgram : SocketType::stream, step.nonblocking, next_slot());
    if (answer.ok()) add_socket(*process, step.as, iteration);
    return answer;
  }

  CallAnswer ask_process(const Step& step) {
    const auto process = process_named(step.process);
    if (!process) return {};
    if (processes_[*process].ended) return {.result = "EBADF", .rule = Rule::process_ended};
    if (step.call == Call::open_files) return calls_.open_files(*process, step.count);
    CallAnswer answer = calls_.exit(*process);
    processes_[*process].ended = true;
    for (Socket& socket : sockets_)
      if (socket.process == *process) socket.open = false;
    return answer;
  }

  CallAnswer write_sysctl(const Step& step) {
    HostSlot host = 0;
    if (!step.host.empty()) {
      const auto found = std::find(hosts_.begin(), hosts_.end(), step.host);
      if (found == hosts_.end()) {
        run_.not_run = step.pointer + ": there is no host \"" + step.host + "\"";
        return {};
      }
      host = static_cast<HostSlot>(found - hosts_.begin());
    }
    return calls_.write_sysctl(host, step.sysctl_name, filled(step.sysctl_value));
  }

  CallAnswer close_socket(SocketSlot socket) {
    sockets_[socket].open = false;
    return calls_.close(socket);
  }

  // ---- names and values

  SocketSlot next_slot() const { return static_cast<SocketSlot>(sockets_.size()); }

  void add_socket(ProcessSlot process, const Template& name, Iteration* iteration) {
    if (iteration != nullptr) iteration->made.push_back(next_slot());
    if (!name.empty()) names_.insert_or_assign(filled(name), next_slot());
    sockets_.push_back({process, true});
  }

  std::optional<ProcessSlot> process_named(const Template& wanted) {
    const std::string name = wanted.empty() ? "a/p" : filled(wanted);
    for (ProcessSlot index = 0; index < processes_.size(); ++index)
      if (processes_[index].name == name) return index;
    if (wanted.empty() && !processes_.empty()) return 0;
    run_.not_run = "there is no process \"" + name + "\"";
    return std::nullopt;
  }

  // A name that was never saved makes the script impossible to run.
  std::string filled(const Template& text) {
    auto whole = saved_.filled(text);
    if (whole) return *whole;
    run_.not_run = "{" + whole.error() + "} was never saved";
    return text;
  }

  std::optional<Endpoint> endpoint_of(const Step& step) {
    const std::string address_text = filled(step.address);
    const std::string port_text = step.has_port ? filled(step.port) : "0";
    if (!run_.not_run.empty()) return std::nullopt;
    const auto address = IpAddress::parse(address_text);
    const auto port = script_port(port_text);
    if (!address) run_.not_run = step.pointer + ": \"" + address_text + "\" is no address";
    if (!port) run_.not_run = step.pointer + ": \"" + port_text + "\" is no port";
    if (!address || !port) return std::nullopt;
    return Endpoint{*address, *port};
  }

  // ---- expectations

  void judge(const Step& step, const CallAnswer& answer, StepResult& result) {
    switch (step.call) {
      case Call::getsockname:
      case Call::getpeername:
        judge_name(step, answer.endpoint, result);
        break;
      case Call::getsockopt:
        if (step.has_value && values_text(step) != values_text(answer))
          differ(result, "value " + values_text(answer), "value " + values_text(step));
        break;
      case Call::recv:
        if (step.bytes && *step.bytes != answer.number)
          differ(result, fmt::format("{} bytes", answer.number), fmt::format("{} bytes", *step.bytes));
        break;
      case Call::open_files:
        if (answer.number != step.opened.value_or(step.count))
          differ(result, fmt::format("opened {}", answer.number),
                 fmt::format("opened {}", step.opened.value_or(step.count)));
        break;
      case Call::ports:
        judge_ports(step, result);
        break;
      default:
        break;
    }
  }

  void judge_name(const Step& step, const Endpoint& name, StepResult& result) {
    if (!step.address.empty()) {
      const std::string text = filled(step.address);
      const auto wanted = IpAddress::parse(text);
      if (!wanted) {
        run_.not_run = step.pointer + ": \"" + text + "\" is no address";
        return;
      }
      if (*wanted != name.address) differ(result, "address " + name.address.text(), "address " + text);
    }
    const auto socket = names_.find(filled(step.socket));
    if (step.has_port && result.as_expected)
      judge_port(step, name.port, processes_[sockets_[socket->second].process].host, result);
  }

  void judge_port(const Step& step, Port port, HostSlot host, StepResult& result) {
    const std::string text = filled(step.port);
    const auto meets = port_meets(text, port, calls_.automatic_range(host));
    if (!meets) {
      run_.not_run = step.pointer + ": \"" + text + "\" says nothing about a port";
      return;
    }
    if (!*meets) differ(result, fmt::format("port {}", port.value), "port " + text);
  }

  void judge_ports(const Step& step, StepResult& result) {
    const std::string pattern = filled(step.sockets);
    std::set<std::uint16_t> distinct;
    std::vector<Endpoint> all;
    for (const auto& [name, socket] : names_) {
      if (!sockets_[socket].open || !name_fits(pattern, name)) continue;
      const CallAnswer answer = calls_.local_name(socket);
      if (!answer.why_not.empty()) run_.not_run = answer.why_not;
      if (!answer.ok()) {
        differ(result, std::string(answer.result) + " for " + name, "a local name for " + name);
        return;
      }
      all.push_back(answer.endpoint);
      distinct.insert(answer.endpoint.port.value);
      if (!step.has_port) continue;
      judge_port(step, answer.endpoint.port, processes_[sockets_[socket].process].host, result);
      if (!result.as_expected || !run_.not_run.empty()) return;
    }
    const auto [count, found] = std::pair(std::ssize(all), std::ssize(distinct));
    result.found = names_text(std::move(all));
    if (step.has_count && count != step.count)
      differ(result, fmt::format("{} sockets", count), fmt::format("{} sockets", step.count));
    else if (step.distinct && found != *step.distinct)
      differ(result, fmt::format("{} distinct ports", found), fmt::format("{} distinct ports", *step.distinct));
  }

  SocketCalls& calls_;
  InterpretOptions options_;
  std::vector<std::string> hosts_;
  std::vector<Process> processes_;
  std::vector<Socket> sockets_;
  std::map<std::string, SocketSlot> names_;
  SavedValues saved_;
  std::size_t cursor_ = 0;  // into the other executor's results
  ScriptRun run_;
};

}  // namespace

ScriptRun interpret(const Script& script, SocketCalls& calls, const InterpretOptions& options) {
  return Interpreter(script, calls, options).run(script.steps);
}

}  // namespace netlimits
