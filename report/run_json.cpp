// A replayed scenario as JSON, a function for each part of the result.
#include <nlohmann/json.hpp>
#include <utility>

#include "report/forms/json_text.hpp"
#include "report/run_report.hpp"
#include "report/sentence/held_words.hpp"

namespace netlimits::report {
namespace {

using nlohmann::json;

json json_of_failure(const Failure& failure) {
  json made{{"limit", name_of(failure.limit)},
            {"error", name_of(failure.error)},
            {"count", failure.count},
            {"first_at_ns", json_of(failure.first_at)},
            {"first_after_established", failure.first_after_established}};
  put_place(made, failure.place);
  return made;
}

json json_of_window(const WindowCount& window) {
  return {{"from_ns", json_of(window.from)},
          {"attempted", window.attempted},
          {"established", window.established},
          {"failed", window.failed}};
}

json json_of_workload(const WorkloadResult& workload) {
  json made{{"attempted", workload.attempted},     {"established", workload.established},
            {"failed", workload.failed},           {"open_at_end", workload.open_at_end},
            {"peak_open", workload.peak_open},     {"lost", workload.lost},
            {"reconnected", workload.reconnected}, {"pending_at_end", workload.pending_at_end},
            {"vanished", workload.vanished},       {"failures", json::array()}};
  for (const Failure& failure : workload.failures) made["failures"].push_back(json_of_failure(failure));
  if (!workload.windows.empty()) {
    json& windows = made["windows"] = json::array();
    for (const WindowCount& window : workload.windows) windows.push_back(json_of_window(window));
  }
  return made;
}

json json_of_process(const ProcessResult& process) {
  return {{"accepted", process.accepted},
          {"accepted_least", process.accepted_least},
          {"accepted_most", process.accepted_most},
          {"refused_accepts", process.refused_accepts},
          {"descriptors_peak", process.descriptors_peak},
          {"descriptors_limit", process.descriptors_limit},
          {"queued_at_end", process.queued_at_end}};
}

json json_of_host(const HostResult& host) {
  json made{{"processes", json::object()},
            {"time_wait_peak", host.time_wait_peak},
            {"time_wait_at_end", host.time_wait_at_end},
            {"listen_overflows", host.listen_overflows},
            {"listen_drops", host.listen_drops},
            {"syncookies_sent", host.syncookies_sent},
            {"time_wait_overflows", host.time_wait_overflows}};
  for (const auto& [name, process] : host.processes) made["processes"][name] = json_of_process(process);
  return made;
}

json json_of_use(const LimitUse& use) {
  json made{{"limit", name_of(use.limit)},
            {"capacity", use.capacity},
            {"peak", use.peak},
            {"exhausted", use.exhausted},
            {"first_exhausted_at_ns", nullptr}};
  put_place(made, use.place);
  if (use.first_exhausted_at) made["first_exhausted_at_ns"] = json_of(*use.first_exhausted_at);
  return made;
}

json json_of_expectation(const ExpectationResult& expectation) {
  json made{{"name", expectation.name},
            {"comparison", expectation.relation},
            {"holds", expectation.holds},
            {"expected", json::parse(expectation.expected_json)},
            {"actual", json::parse(expectation.actual_json)}};
  if (!expectation.pointer.empty()) made["pointer"] = expectation.pointer;
  if (!expectation.limit.empty()) {
    made["limit"] = expectation.limit;
    made["place"] = expectation.place;
  }
  if (!expectation.why.empty()) made["why"] = expectation.why;
  return made;
}

}  // namespace

std::string run_json(const RunReport& report) {
  json made{{"format", "netlimits.run/1"},
            {"ended_at_ns", json_of(report.result.ended_at)},
            {"summary", report.summary},
            {"held_peak", report.result.held_peak},
            {"believed_at_end", report.result.believed_at_end},
            {"believed_for_a_time", held_by(report.result).believed_for_a_time},
            {"workloads", json::object()},
            {"hosts", json::object()},
            {"balancers", json::object()},
            {"limits", json::array()},
            {"binding_limit", nullptr},
            {"expectations", json::array()},
            {"verdict", name_of(report.verdict)}};
  put_basis(made, report.on);
  for (const auto& [name, workload] : report.result.workloads) made["workloads"][name] = json_of_workload(workload);
  for (const auto& [name, proxy] : report.result.proxies) made["proxies"][name] = json_of_workload(proxy);
  for (const auto& [name, host] : report.result.hosts) made["hosts"][name] = json_of_host(host);
  for (const auto& [name, back_ends] : report.result.balancers) {
    json& written = made["balancers"][name] = json::array();
    for (const BackEndResult& back_end : back_ends) {
      written.push_back({{"endpoint", back_end.endpoint},
                         {"connections", back_end.connections},
                         {"open_at_end", back_end.open_at_end}});
    }
  }
  for (const LimitUse& use : report.result.limits) made["limits"].push_back(json_of_use(use));
  if (report.result.binding) {
    json binding{{"limit", name_of(report.result.binding->limit)}};
    put_place(binding, report.result.binding->place);
    made["binding_limit"] = std::move(binding);
  }
  for (const ExpectationResult& expectation : report.expectations) {
    made["expectations"].push_back(json_of_expectation(expectation));
  }
  return json_bytes(made);
}

}  // namespace netlimits::report
