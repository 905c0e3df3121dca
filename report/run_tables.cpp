// One function a table, and their order.
#include "report/run_tables.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <string>
#include <utility>

#include "report/charts/bar.hpp"
#include "report/forms/number_text.hpp"

namespace netlimits::report {
namespace {

// `what`: whose connections these are.
Table connections_table(const char* what, const std::map<std::string, WorkloadResult>& rows) {
  Table table({{what},
               {"attempted", Align::right},
               {"established", Align::right},
               {"failed", Align::right},
               {"lost", Align::right},
               {"pending", Align::right},
               {"open at most", Align::right},
               {"open at end", Align::right}});
  for (const auto& [name, workload] : rows) {
    table.add({name, grouped(workload.attempted), grouped(workload.established), grouped(workload.failed),
               grouped(workload.lost), grouped(workload.pending_at_end), grouped(workload.peak_open),
               grouped(workload.open_at_end)});
  }
  return table;
}

Table vanished_table(const RunResult& result) {
  Table table({{"workload"}, {"connecting when their host went down", Align::right}});
  for (const auto& [name, workload] : result.workloads) {
    if (workload.vanished > 0) table.add({name, grouped(workload.vanished)});
  }
  return table;
}

void add_failures(Table& table, const std::map<std::string, WorkloadResult>& rows) {
  for (const auto& [name, workload] : rows) {
    for (const Failure& failure : workload.failures) {
      table.add({std::string(name_of(failure.limit)), failure.place.text(), std::string(name_of(failure.error)),
                 grouped(failure.count), moment(failure.first_at),
                 grouped(failure.first_after_established) + " established"});
    }
  }
}

Table failures_table(const RunResult& result) {
  Table table({{"failure"},
               {"place"},
               {"error"},
               {"count", Align::right},
               {"first at", Align::right},
               {"after", Align::right}});
  add_failures(table, result.workloads);
  add_failures(table, result.proxies);
  return table;
}

Table servers_table(const RunResult& result) {
  Table table({{"server"},
               {"accepted", Align::right},
               {"least", Align::right},
               {"most", Align::right},
               {"waiting", Align::right},
               {"refused accepts", Align::right}});
  for (const auto& [name, host] : result.hosts) {
    for (const auto& [process_name, process] : host.processes) {
      if (process.accepted + process.queued_at_end + process.refused_accepts == 0) continue;
      table.add({name + "/" + process_name, grouped(process.accepted), grouped(process.accepted_least),
                 grouped(process.accepted_most), grouped(process.queued_at_end), grouped(process.refused_accepts)});
    }
  }
  return table;
}

Table kernel_table(const RunResult& result) {
  Table table({{"host"},
               {"TIME_WAIT at most", Align::right},
               {"at end", Align::right},
               {"listen overflows", Align::right},
               {"listen drops", Align::right},
               {"syncookies", Align::right},
               {"TIME_WAIT overflows", Align::right}});
  for (const auto& [name, host] : result.hosts) {
    const auto seen = host.time_wait_peak + host.listen_overflows + host.listen_drops + host.syncookies_sent +
                      host.time_wait_overflows;
    if (seen == 0) continue;
    table.add({name, grouped(host.time_wait_peak), grouped(host.time_wait_at_end), grouped(host.listen_overflows),
               grouped(host.listen_drops), grouped(host.syncookies_sent), grouped(host.time_wait_overflows)});
  }
  return table;
}

Table balancers_table(const RunResult& result) {
  Table table({{"balancer"}, {"back end"}, {"connections", Align::right}, {"open at end", Align::right}});
  for (const auto& [name, back_ends] : result.balancers) {
    for (const BackEndResult& back_end : back_ends) {
      table.add({name, back_end.endpoint, grouped(back_end.connections), grouped(back_end.open_at_end)});
    }
  }
  return table;
}

Table limits_table(const RunResult& result) {
  Table table({{"limit"},
               {"place"},
               {"peak", Align::right},
               {"capacity", Align::right},
               {"used", Align::right},
               {"exhausted at", Align::right}});
  for (const LimitUse& use : result.limits) {
    table.add({std::string(name_of(use.limit)), use.place.text(), grouped(use.peak), grouped(use.capacity),
               percent_text(per_mille_of(use.peak, use.capacity)),
               use.first_exhausted_at ? moment(*use.first_exhausted_at) : (use.exhausted ? "yes" : "-")});
  }
  return table;
}

Table windows_table(const RunResult& result) {
  Table table({{"workload"},
               {"from", Align::right},
               {"attempted", Align::right},
               {"established", Align::right},
               {"failed", Align::right}});
  for (const auto& [name, workload] : result.workloads) {
    for (const WindowCount& window : workload.windows) {
      table.add(
          {name, moment(window.from), grouped(window.attempted), grouped(window.established), grouped(window.failed)});
    }
  }
  return table;
}

}  // namespace

std::vector<Table> run_tables(const RunResult& result) {
  std::vector<Table> tables;
  for (Table& table :
       std::array{connections_table("workload", result.workloads), connections_table("proxy", result.proxies),
                  vanished_table(result), failures_table(result), servers_table(result), balancers_table(result),
                  limits_table(result), kernel_table(result), windows_table(result)}) {
    if (!table.empty()) tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace netlimits::report
