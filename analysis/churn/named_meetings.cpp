// Which workloads name a port in common; then all of those are followed together, each port a pool of one.
#include "analysis/churn/named_meetings.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include "analysis/churn/churn_course.hpp"
#include "analysis/churn/joint_walk.hpp"
#include "analysis/churn/named_ports.hpp"
#include "analysis/churn/never_accepted.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/workload_shape.hpp"

namespace netlimits::analysis {
namespace {

using Bound = std::tuple<std::uint64_t, IpAddress, std::uint16_t>;  // on which host of the group, where, which port

bool names_for_itself(const PlannedWorkload& workload) {
  return workload.names_ports() && !workload.shares_named_ports() && workload.workload->connections > 0;
}

class Meeting {
 public:
  Meeting(std::vector<const PlannedWorkload*> members, const Wiring& wiring)
      : members_(std::move(members)), wiring_(wiring) {}

  bool concerns(const SteadyState& state) const {
    return std::any_of(members_.begin(), members_.end(),
                       [&](const PlannedWorkload* one) { return one->workload->name == state.workload; });
  }

  bool all_are_known() const {
    return std::all_of(members_.begin(), members_.end(), [&](const PlannedWorkload* one) { return is_known(*one); });
  }

  std::uint64_t asked() const {
    return std::accumulate(
        members_.begin(), members_.end(), std::uint64_t{0},
        [](std::uint64_t sum, const PlannedWorkload* one) { return bounded_sum(sum, one->workload->connections); });
  }

  struct First {
    JointWalk::Refused refused{};
    Place place{};
    std::uint64_t let_through = 0;  // before, of those that use that place, as a run counts them
  };
  std::optional<First> first_refused() const {
    JointWalk walk;
    std::map<Bound, std::uint64_t> numbers;
    for (const PlannedWorkload* one : members_) {
      number_ports(*one, numbers);
      walk.comers.push_back(comer_of(*one, numbers));
    }
    walk.pools = numbers.size();
    walk.entries = members_.front()->host->settings.max_time_wait_buckets;
    walk.ports = [](std::uint64_t, SimTime) { return std::uint64_t{1}; };
    const JointWalk::Found found = walk.walk(AtOneMoment::entries_end_first);
    const JointWalk::Refused* first = nullptr;
    for (const auto& refused : found.by_pool)
      if (refused && (first == nullptr || refused->number < first->number)) first = &*refused;
    if (first == nullptr) return std::nullopt;
    const PlannedWorkload& who = *members_[first->comer];
    const std::uint64_t source = first->way / who.destinations();
    const std::uint64_t to = first->way % who.destinations();
    const PortSharing way = who.workload->to.size() == 1 ? PortSharing::four_tuple : PortSharing::local_addr_port;
    const Place place = port_pool_place(*who.host, way, who.local_address(source, to), who.workload->to[to]);
    std::uint64_t let_through = 0;
    for (std::size_t i = 0; i < members_.size(); ++i)
      if (uses_place(wiring_, *members_[i]->workload, {Limit::port_in_use, place}))
        let_through = bounded_sum(let_through, first->let_through[i]);
    return First{*first, place, let_through};
  }

 private:
  // Chance has no part in when its connections come and go, nor has anybody else in its ports.
  bool is_known(const PlannedWorkload& one) const {
    const Workload& workload = *one.workload;
    const bool held_by_others = std::any_of(one.explicit_usable.begin(), one.explicit_usable.end(), [](const auto& at) {
      return std::any_of(at.begin(), at.end(),
                         [](Usable usable) { return usable == Usable::no || usable == Usable::perhaps; });
    });
    if (held_by_others || workload.retry.attempts > 0 || workload.retry.reconnect) return false;
    if (std::holds_alternative<HoldExponential>(workload.hold) || !last_arrival_by_law(workload)) return false;
    if (workload.connections > JointWalk::most_followed / 8) return false;
    for (std::uint64_t source = 0; source < one.sources; ++source) {
      for (std::uint64_t to = 0; to < one.destinations(); ++to) {
        const Target target = one.target(source, to);
        if (target.reach != Reach::listener || never_accepted(wiring_, one, target)) return false;
        const Process& process = target.host->processes[target.process];
        if (!std::holds_alternative<AcceptImmediately>(process.listeners[target.listener].accept)) return false;
      }
    }
    return true;
  }

  static Bound bound_of(const PlannedWorkload& one, const Assignment& assigned) {
    const IpAddress at = one.bound_address(one.local_address(assigned.source, assigned.destination));
    return {assigned.host_instance, at, one.explicit_ports[assigned.explicit_port].value};
  }

  static std::uint64_t period(const PlannedWorkload& one) {
    return std::min(one.workload->connections, NamedPorts(one).period());
  }

  static void number_ports(const PlannedWorkload& one, std::map<Bound, std::uint64_t>& numbers) {
    const AssignmentShape shape = shape_of(*one.workload, *one.host, *one.process);
    for (std::uint64_t k = 0; k < period(one); ++k)
      numbers.try_emplace(bound_of(one, assign(shape, k)), numbers.size());
  }

  Comer comer_of(const PlannedWorkload& one, const std::map<Bound, std::uint64_t>& numbers) const {
    const auto hold = mean_of(one.workload->hold);
    Comer comer{one.workload, {}, hold.has_value(), one.workload->connections, {}, {}};
    for (std::uint64_t source = 0; source < one.sources; ++source) {
      for (std::uint64_t to = 0; to < one.destinations(); ++to) {
        const auto trip = round_trip_of(wiring_, one, one.target(source, to));
        comer.courses.push_back(course_of(wiring_, one, source, to, std::nullopt, hold.value_or(Duration::zero()),
                                          trip.value_or(Duration::zero())));
      }
    }
    const AssignmentShape shape = shape_of(*one.workload, *one.host, *one.process);
    comer.from = [&one, &numbers, shape](std::uint64_t k) -> std::optional<DrawnFrom> {
      const Assignment assigned = assign(shape, k);
      return DrawnFrom{numbers.at(bound_of(one, assigned)), assigned.host_instance,
                       assigned.source * one.destinations() + assigned.destination};
    };
    return comer;
  }

  std::vector<const PlannedWorkload*> members_;
  const Wiring& wiring_;
};

// Do they name a port in common?
bool overlap(const PlannedWorkload& a, const PlannedWorkload& b) {
  const std::vector<Port>& theirs = b.explicit_ports;
  return std::any_of(a.explicit_ports.begin(), a.explicit_ports.end(),
                     [&](const Port& port) { return std::find(theirs.begin(), theirs.end(), port) != theirs.end(); });
}

}  // namespace

bool may_draw_a_named_port(const HostGroup& host, const Workload& mine, const Workload& other) {
  if (std::holds_alternative<BindExplicit>(other.bind)) return false;
  const PortRange drawn = host.settings.local_port_range;
  const std::vector<Port> named = named_ports(mine.bind);
  return std::any_of(named.begin(), named.end(), [&](Port port) { return drawn.first <= port && port <= drawn.last; });
}

void meet_by_name(std::vector<SteadyState>& states, const ClientPlan& plan, const Wiring& wiring) {
  for (const auto& [host, members] : plan.of_host) {
    std::vector<const PlannedWorkload*> naming;
    for (const std::size_t index : members)
      if (names_for_itself(plan.workloads[index])) naming.push_back(&plan.workloads[index]);
    std::erase_if(naming, [&, all = naming](const PlannedWorkload* one) {
      return std::none_of(all.begin(), all.end(),
                          [&](const PlannedWorkload* other) { return other != one && overlap(*one, *other); });
    });
    if (naming.size() < 2) continue;
    const bool name_sources = naming.front()->names_sources();
    const bool alike = std::all_of(naming.begin(), naming.end(),
                                   [&](const PlannedWorkload* one) { return one->names_sources() == name_sources; });
    const Meeting meeting(naming, wiring);
    const bool others_draw = std::any_of(members.begin(), members.end(), [&](std::size_t index) {
      return std::any_of(naming.begin(), naming.end(), [&](const PlannedWorkload* one) {
        return may_draw_a_named_port(*one->host, *one->workload, *plan.workloads[index].workload);
      });
    });
    const bool known = alike && !others_draw && meeting.all_are_known();
    const auto first = known ? meeting.first_refused() : std::nullopt;
    for (SteadyState& state : states) {
      if (!meeting.concerns(state)) continue;
      if (first) {
        state.limit = Limit::port_in_use;
        state.place = first->place;
        state.first_failure_after = Interval::exactly(first->let_through);
        state.first_failure_at = first->refused.at;
        state.failure_is_open = false;
      } else if (!known && !state.first_failure_after) {
        state.first_failure_after = Interval{0, meeting.asked()};
        state.failure_is_open = true;
      }
      if (first || !known) {
        state.would_fail_after.reset();
        state.would_fail_at.reset();
      }
    }
  }
}

}  // namespace netlimits::analysis
