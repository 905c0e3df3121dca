// Each listener once, with all that come to it.
#include "analysis/churn/accept_rates.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "analysis/churn/churn_course.hpp"
#include "analysis/churn/rate.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/places.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {
namespace {

using Instance = std::tuple<const HostGroup*, std::uint64_t, std::size_t, std::size_t>;

// One of so many connections of a workload comes here.
struct Part {
  const Workload* workload = nullptr;
  std::uint64_t ways = 0;
  std::uint64_t of = 1;
};

struct Slow {
  const Process* process = nullptr;
  const Listener* listener = nullptr;
  bool apart = false;  // time passes on the way of some
  std::map<std::string, Part> from{};
};

class SlowListeners {
 public:
  SlowListeners(const Scenario& scenario, const Wiring& wiring) : wiring_(wiring) {
    for (const auto& [name, workload] : scenario.workloads) {
      const HostGroup& client = scenario.hosts.at(workload.from_host);
      for (const Endpoint& to : workload.to) {
        const Target target = wiring.of(workload.from_host, to);
        if (target.reach == Reach::listener) {
          note(workload, target, workload.to.size() * (target.own ? client.count : 1));
        } else if (target.reach == Reach::balancer) {
          for (const Endpoint& one : target.balancer->back_ends)
            note(workload, wiring.behind(*target.balancer, one),
                 workload.to.size() * target.balancer->back_ends.size());
        }
      }
    }
  }

  const std::map<Instance, Slow>& all() const { return slow_; }

 private:
  void note(const Workload& workload, const Target& target, std::uint64_t of) {
    if (target.reach != Reach::listener) return;
    const Process& process = target.host->processes[target.process];
    const Listener& listener = process.listeners[target.listener];
    if (std::holds_alternative<AcceptImmediately>(listener.accept)) return;
    Slow& slow = slow_[{target.host, target.instance, target.process, target.listener}];
    slow.process = &process;
    slow.listener = &listener;
    slow.apart =
        slow.apart || wiring_.round_trip(workload.from_host, target).value_or(Duration::zero()) > Duration::zero();
    Part& part = slow.from[workload.name];
    part.workload = &workload;
    ++part.ways;
    part.of = std::max(part.of, of);
  }

  const Wiring& wiring_;
  std::map<Instance, Slow> slow_{};
};

std::uint64_t paces(const Slow& slow) { return slow.listener->reuse_port ? slow.process->count : 1; }

// Does any of those that come here fail? Refused ones try for a while, in which more are accepted.
BoundFails fails(const Scenario& scenario, const HostGroup& host, const Slow& slow) {
  SimTime first = end_of_time;
  SimTime last = time_zero;
  Duration patience{};
  std::uint64_t come = 0;
  bool surely = !slow.apart && paces(slow) == 1;
  for (const auto& [name, part] : slow.from) {
    const auto ends = last_arrival_by_law(*part.workload);
    if (!ends || part.workload->retry.attempts > 0) surely = false;
    first = std::min(first, part.workload->start);
    last = std::max(last, ends.value_or(end_of_time));
    patience = std::max(patience, gives_up_after(scenario.hosts.at(part.workload->from_host)));
    come = bounded_sum(come, bounded_product(part.workload->connections, part.ways) / part.of);
  }
  const std::uint64_t places = bounded_product(accept_queue_size(host, *slow.listener) + 1, paces(slow));
  if (come <= places) return BoundFails::no;
  const auto* paced = std::get_if<AcceptPaced>(&slow.listener->accept);
  if (paced == nullptr) return surely ? BoundFails::surely : BoundFails::perhaps;
  if (!surely || paced->interval <= Duration::zero()) return BoundFails::perhaps;
  const Duration open = bounded_sum(last - first, bounded_product(patience, 2));
  const std::uint64_t accepted = static_cast<std::uint64_t>(open / paced->interval) + 2;
  return come > bounded_sum(places, accepted) ? BoundFails::surely : BoundFails::perhaps;
}

void bound_rate(SteadyState& state, const Scenario& scenario, const Instance& at, const Slow& slow) {
  const auto& [host, instance, process, listener] = at;
  const auto* paced = std::get_if<AcceptPaced>(&slow.listener->accept);
  const Duration each = paced != nullptr ? paced->interval : Duration(std::chrono::seconds(1));
  if (each <= Duration::zero()) return;
  SharedPlaces shared;
  std::vector<std::string> names;
  for (const auto& [name, part] : slow.from) {
    const auto rate = asked_rate(*part.workload);
    if (!rate) continue;
    shared.add(*rate, (part.of + part.ways - 1) / part.ways, each);
    names.push_back(name);
  }
  if (!shared.asked() || !state.offered) return;
  const SustainedRate served = paced != nullptr ? shared.served(paces(slow)) : SustainedRate{0, 1};
  const bool lower = state.sustained_open || smaller_part(served, shared.offered(), state.sustained, *state.offered) ||
                     (state.sustained_at_most && above(*state.sustained_at_most, served));
  if (!lower) return;
  state.sustained = served;
  state.sustained_at_most.reset();
  state.sustained_open = false;
  state.offered = shared.offered();
  state.together = names.size() > 1 ? names : std::vector<std::string>{};
  state.bound_by = PlacedLimit{Limit::listen_backlog, listener_place(*host, *slow.process, slow.listener->endpoint)};
  state.bound_fails = fails(scenario, *host, slow);
}

}  // namespace

void bound_by_accept_rates(std::vector<SteadyState>& states, const Scenario& scenario, const Wiring& wiring) {
  if (states.empty()) return;
  const SlowListeners listeners(scenario, wiring);
  for (SteadyState& state : states) {
    for (const auto& [at, slow] : listeners.all()) {
      if (slow.from.contains(state.workload)) bound_rate(state, scenario, at, slow);
    }
  }
}

}  // namespace netlimits::analysis
