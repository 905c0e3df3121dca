// The shape of a result as a tree of keys; names and indices are looked up in the scenario on the way down.
#include "scenarios/claims/result_shape.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "model/scenario/json_pointer.hpp"
#include "scenarios/json/input_error.hpp"
#include "scenarios/json/nearest_name.hpp"

namespace netlimits::scenarios {
namespace {

using Keys = std::map<std::string, ResultValue, std::less<>>;
using Stands = ResultValue;  // at the end of a pointer

const Keys top_keys{{"workloads", Stands::object},
                    {"hosts", Stands::object},
                    {"balancers", Stands::object},
                    {"limits", Stands::object},
                    {"seed", Stands::count},
                    {"ended_at_ns", Stands::count},
                    {"held_peak", Stands::count},
                    {"summary", Stands::text},
                    {"believed_at_end", Stands::count},
                    {"believed_for_a_time", Stands::count},
                    {"binding_limit", Stands::binding},
                    {"scenario", Stands::object},
                    {"version", Stands::text}};
const Keys scenario_result_keys{{"name", Stands::text}, {"sha256", Stands::text}, {"effective_sha256", Stands::text}};
const Keys workload_result_keys{
    {"attempted", Stands::count},   {"established", Stands::count}, {"failed", Stands::count},
    {"open_at_end", Stands::count}, {"peak_open", Stands::count},   {"lost", Stands::count},
    {"reconnected", Stands::count}, {"vanished", Stands::count},    {"pending_at_end", Stands::count},
    {"failures", Stands::object},   {"windows", Stands::object}};
const Keys failure_keys{{"limit", Stands::limit},        {"error", Stands::error},
                        {"count", Stands::count},        {"first_at_ns", Stands::count},
                        {"place_parts", Stands::object}, {"first_after_established", Stands::count},
                        {"place", Stands::place}};
const Keys window_keys{{"from_ns", Stands::count},
                       {"attempted", Stands::count},
                       {"established", Stands::count},
                       {"failed", Stands::count}};
const Keys host_result_keys{{"processes", Stands::object},         {"time_wait_peak", Stands::count},
                            {"time_wait_at_end", Stands::count},   {"listen_overflows", Stands::count},
                            {"listen_drops", Stands::count},       {"syncookies_sent", Stands::count},
                            {"time_wait_overflows", Stands::count}};
const Keys process_result_keys{{"accepted", Stands::count},         {"accepted_least", Stands::count},
                               {"accepted_most", Stands::count},    {"refused_accepts", Stands::count},
                               {"descriptors_peak", Stands::count}, {"descriptors_limit", Stands::count},
                               {"queued_at_end", Stands::count}};
const Keys back_end_result_keys{
    {"endpoint", Stands::text}, {"connections", Stands::count}, {"open_at_end", Stands::count}};
const Keys limit_keys{{"limit", Stands::limit},
                      {"place", Stands::place},
                      {"place_parts", Stands::object},
                      {"capacity", Stands::count},
                      {"peak", Stands::count},
                      {"exhausted", Stands::flag},
                      {"first_exhausted_at_ns", Stands::count}};
const Keys binding_keys{{"limit", Stands::limit}, {"place", Stands::place}, {"place_parts", Stands::object}};
const Keys place_part_keys{{"host", Stands::text},     {"hosts", Stands::count},  {"process", Stands::text},
                           {"listener", Stands::text}, {"source", Stands::text},  {"destination", Stands::text},
                           {"balancer", Stands::text}, {"back_end", Stands::text}};

std::vector<std::string> processes_of(const HostGroup& host) {
  std::vector<std::string> names;
  for (const Process& process : host.processes) names.push_back(process.name);
  return names;
}

std::optional<std::size_t> index_of(const std::string& step) {
  const bool plain = !step.empty() && step.size() < 10 && step.find_first_not_of("0123456789") == std::string::npos &&
                     (step.size() == 1 || step.front() != '0');
  return plain ? std::optional<std::size_t>(std::stoul(step)) : std::nullopt;
}

class Walk {
 public:
  Walk(std::vector<std::string> steps, const Scenario& scenario) : steps_(std::move(steps)), scenario_(scenario) {}

  ResultTarget target() {
    // There where a scenario has any.
    if (!scenario_.proxies.empty() && more() && steps_[at_] == "proxies") {
      ++at_;
      return of_connections(names_of(scenario_.proxies), "proxy");
    }
    const auto first = key(top_keys, "a result");
    if (!first) return found_;
    if (*first == "workloads") return of_connections(names_of(scenario_.workloads), "workload");
    if (*first == "hosts") return of_host();
    if (*first == "balancers") return of_balancer();
    if (*first == "limits") return in_list(limit_keys, "a limit");
    if (*first == "scenario") return last(scenario_result_keys, "the scenario of a result");
    if (*first == "binding_limit" && more()) return last(binding_keys, "the binding limit");
    return end();
  }

 private:
  bool more() const { return at_ < steps_.size(); }

  ResultTarget trouble(std::string what, std::string hint = {}) {
    found_.trouble = std::move(what);
    found_.hint = std::move(hint);
    return found_;
  }

  // The next step, if it is one of the keys; else found_ says what is wrong.
  std::optional<std::string> key(const Keys& keys, std::string_view of) {
    if (!more()) {
      trouble(fmt::format("it leads to {}, and not to a value", of),
              fmt::format("add one of /{}", fmt::join(names_of(keys), ", /")));
      return std::nullopt;
    }
    const auto known = keys.find(steps_[at_]);
    if (known == keys.end()) {
      trouble(fmt::format("{} has no key {}", of, in_quotes(steps_[at_])), suggestion(steps_[at_], names_of(keys)));
      return std::nullopt;
    }
    found_.value = known->second;
    ++at_;
    return known->first;
  }

  // A name that the scenario gives.
  std::optional<std::string> name(const std::vector<std::string>& names, std::string_view what) {
    if (!more()) {
      trouble(fmt::format("it leads to all {}s, and not to a value", what));
      return std::nullopt;
    }
    if (std::find(names.begin(), names.end(), steps_[at_]) == names.end()) {
      trouble(fmt::format("the scenario has no {} named {}", what, in_quotes(steps_[at_])),
              suggestion(steps_[at_], names));
      return std::nullopt;
    }
    return steps_[at_++];
  }

  ResultTarget end() {
    if (more())
      return trouble(
          fmt::format("nothing lies below it: {} has no key {}", in_quotes(steps_[at_ - 1]), in_quotes(steps_[at_])));
    return found_;
  }

  ResultTarget last(const Keys& keys, std::string_view of) {
    const auto one = key(keys, of);
    if (!one) return found_;
    return *one == "place_parts" ? last(place_part_keys, "a place") : end();
  }

  ResultTarget in_list(const Keys& keys, std::string_view of, std::optional<std::size_t> size = std::nullopt) {
    if (!more())
      return trouble(fmt::format("it leads to a list, and not to a value of {}", of), "add an index, from 0");
    const auto index = index_of(steps_[at_]);
    if (!index)
      return trouble(fmt::format("{} is no index of a list", in_quotes(steps_[at_])), "an index is a number, from 0");
    if (size && *index >= *size) return trouble(fmt::format("the list has {} elements, from 0", *size));
    ++at_;
    return last(keys, of);
  }

  // Of a workload, or of what a proxy passes on.
  ResultTarget of_connections(const std::vector<std::string>& names, std::string_view what) {
    if (!name(names, what)) return found_;
    const auto figure = key(workload_result_keys, "a workload's result");
    if (!figure) return found_;
    if (*figure == "failures") return in_list(failure_keys, "a failure");
    if (*figure != "windows") return end();
    if (!scenario_.window) return trouble("a result without windows", "ask for them with \"window\"");
    return in_list(window_keys, "a window");
  }

  ResultTarget of_host() {
    const auto host = name(names_of(scenario_.hosts), "host");
    if (!host) return found_;
    const auto figure = key(host_result_keys, "a host's result");
    if (!figure || *figure != "processes") return figure ? end() : found_;
    const std::string what = fmt::format("process of {}", *host);
    if (!name(processes_of(scenario_.hosts.at(*host)), what)) return found_;
    return last(process_result_keys, "a process's result");
  }

  ResultTarget of_balancer() {
    const auto balancer = name(names_of(scenario_.balancers), "balancer");
    if (!balancer) return found_;
    return in_list(back_end_result_keys, "a back end", scenario_.balancers.at(*balancer).back_ends.size());
  }

  std::vector<std::string> steps_;
  const Scenario& scenario_;
  std::size_t at_ = 0;
  ResultTarget found_{};
};

}  // namespace

ResultTarget target_of(std::string_view pointer, const Scenario& scenario) {
  auto steps = steps_of_pointer(pointer);
  if (!steps)
    return {Stands::object, "it is no JSON pointer", "expected a JSON pointer such as \"/workloads/load/established\""};
  return Walk(std::move(*steps), scenario).target();
}

ResultTarget place_of(std::string_view words, const Scenario& scenario) {
  const std::string host(words.substr(0, words.find_first_of("/[ ")));
  const auto group = scenario.hosts.find(host);
  if (group == scenario.hosts.end()) {
    if (scenario.balancers.contains(host) || scenario.gateways.contains(host)) return {};
    std::vector<std::string> known = names_of(scenario.hosts);
    for (std::string& name : names_of(scenario.balancers)) known.push_back(std::move(name));
    for (std::string& name : names_of(scenario.gateways)) known.push_back(std::move(name));
    return {Stands::place, fmt::format("no place of the scenario begins with {}", in_quotes(host)),
            suggestion(host, known)};
  }
  const std::size_t slash = words.find('/');
  if (slash == std::string_view::npos || words.substr(0, slash).find(' ') != std::string_view::npos) return {};
  const std::string process(words.substr(slash + 1, words.find(' ', slash) - slash - 1));
  const std::vector<std::string> known = processes_of(group->second);
  if (std::find(known.begin(), known.end(), process) != known.end()) return {};
  return {Stands::place, fmt::format("{} has no process named {}", host, in_quotes(process)),
          suggestion(process, known)};
}

}  // namespace netlimits::scenarios
