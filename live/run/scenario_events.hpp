// Lets the events of a scenario happen to its real hosts, and what follows from them (a balancer notices later).
//
// What happens at one moment is ordered as in the model: everything that was due before an event has begun when the
// event happens, and what is due at its moment or later begins after it. The workers obey RunRecord::barrier.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "live/run/host_network.hpp"
#include "live/run/process_set.hpp"
#include "live/run/run_plan.hpp"
#include "live/run/shared_records.hpp"
#include "model/scenario/topology.hpp"

namespace netlimits::live {

class ScenarioEvents {
 public:
  // Schedules the events, nanoseconds after the start of the run. `look`: at all sockets, just before each of them,
  // since what it ends would be seen nowhere else.
  ScenarioEvents(const Scenario& scenario, const RunPlan& plan, const SharedRecords& records, HostNetwork& network,
                 ProcessSet& processes, std::function<void()> look);

  std::optional<std::int64_t> next() const;
  std::size_t pending() const { return pending_.size(); }
  // Lets happen what is due at `now` or before.
  SystemResult<void> happen_until(std::int64_t now);

 private:
  using Effect = std::function<SystemResult<void>()>;

  void at(std::int64_t time, Effect what);
  void raise_barrier();
  void await_accepts() const;
  void remark(const std::string& text);
  std::optional<std::size_t> place_of(const std::string& group, std::uint64_t instance) const;
  std::vector<std::size_t> back_ends_on(const Balancer& balancer, const Topology::Owner& host) const;
  SystemResult<void> happen(const HostDown& down, std::int64_t time);
  SystemResult<void> happen(const HostUp& up, std::int64_t time);
  SystemResult<void> happen(const BackEndDown& down, std::int64_t time);
  SystemResult<void> happen(const BackEndUp& up, std::int64_t time);
  SystemResult<void> happen(const SettingChange& change, std::int64_t time);
  SystemResult<void> happen(const AddressAdded& added, std::int64_t time);
  SystemResult<void> change_back_end(const std::string& name, const Endpoint& back_end, bool up);
  SystemResult<void> take_out(std::size_t balancer, const std::vector<std::size_t>& back_ends);
  SystemResult<void> reset(const std::vector<FourTuple>& as_clients_see) const;

  const Scenario& scenario_;
  const RunPlan& plan_;
  const SharedRecords& records_;
  HostNetwork& network_;
  ProcessSet& processes_;
  std::function<void()> look_;
  Topology topology_;
  std::map<std::pair<std::int64_t, std::uint64_t>, Effect> pending_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace netlimits::live
