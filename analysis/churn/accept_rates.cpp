// Each listener once, with all that come to it.
#include "analysis/churn/accept_rates.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "analysis/churn/bounded_rates.hpp"
#include "analysis/churn/churn_course.hpp"
#include "analysis/churn/rate.hpp"
#include "analysis/open_files.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/workload_shape.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

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

struct Asked {
  SharedPlaces shared{};
  std::vector<std::string> names{};
  Duration each{};  // that the program takes for one
};

Asked asked_of(const Slow& slow) {
  const auto* paced = std::get_if<AcceptPaced>(&slow.listener->accept);
  Asked asked{.each = paced != nullptr ? paced->interval : Duration(std::chrono::seconds(1))};
  if (asked.each <= Duration::zero()) return asked;
  for (const auto& [name, part] : slow.from) {
    const auto rate = asked_rate(*part.workload);
    if (!rate) continue;
    asked.shared.add(*rate, std::min(part.ways, part.of), part.of, asked.each);
    asked.names.push_back(name);
  }
  return asked;
}

// Has the queue room for all at any time? Those that are not served gather in it, and where gaps are drawn, or a hash
// divides, so may those that come together by chance.
bool has_room(const Slow& slow, const Asked& asked, std::uint64_t come, std::uint64_t places) {
  const bool chance = paces(slow) > 1 || std::any_of(slow.from.begin(), slow.from.end(), [](const auto& named) {
                        return !last_arrival_by_law(*named.second.workload).has_value();
                      });
  if (asked.names.size() < slow.from.size()) return false;  // all come at once
  if (chance) return asked.shared.surely_leave(places, paces(slow), come);
  if (!asked.shared.more_than_places(1)) return slow.from.size() <= places;
  if (slow.from.size() > 1) return false;
  const Workload& only = *slow.from.begin()->second.workload;
  const auto accepted = static_cast<std::uint64_t>((*last_arrival_by_law(only) - only.start) / asked.each);
  return come + 1 <= bounded_sum(places, accepted);
}

struct Overflow {
  BoundFails fails = BoundFails::no;
  SimTime from{};  // nobody is told before
};

// Does any of those that come here fail? Refused ones try for a while, in which more are accepted.
Overflow overflow_of(const Scenario& scenario, const HostGroup& host, const Slow& slow, const Asked& asked) {
  SimTime first = end_of_time;
  SimTime last = time_zero;
  Duration patience{};
  Duration least_patience = Duration::max();
  std::uint64_t come = 0;
  bool surely = !slow.apart && paces(slow) == 1;
  for (const auto& [name, part] : slow.from) {
    const auto ends = last_arrival_by_law(*part.workload);
    if (!ends || part.workload->retry.attempts > 0) surely = false;
    first = std::min(first, part.workload->start);
    last = std::max(last, ends.value_or(end_of_time));
    const Duration its = gives_up_after(scenario.hosts.at(part.workload->from_host));
    patience = std::max(patience, its);
    least_patience = std::min(least_patience, its);
    come = bounded_sum(come, bounded_product(part.workload->connections, part.ways) / part.of);
  }
  if (host.profile->rules.has(Rule::accept_queue_refuses)) least_patience = Duration::zero();
  // One more than there are places where the program takes one as soon as it comes.
  const bool stalled = std::holds_alternative<AcceptStalled>(slow.listener->accept);
  const std::uint64_t room = accept_queue_size(host, *slow.listener) + (stalled ? 0 : 1);
  const std::uint64_t places = bounded_product(room, paces(slow));
  if (come <= (paces(slow) > 1 ? room : places)) return {};
  Overflow found{BoundFails::perhaps, later(first, least_patience)};
  const auto* paced = std::get_if<AcceptPaced>(&slow.listener->accept);
  if (paced == nullptr) {
    if (!surely) return found;
    found.fails = BoundFails::surely;
    if (slow.from.size() > 1) return found;
    const Workload& only = *slow.from.begin()->second.workload;
    found.from = later(*arrival_by_law(only.arrivals, only.start, places), least_patience);
    return found;
  }
  if (paced->interval <= Duration::zero() || has_room(slow, asked, come, room)) return {};
  const bool by_law = last < end_of_time && paces(slow) == 1 && asked.names.size() == slow.from.size();
  if (by_law && asked.shared.more_than_places(1))
    found.from = later(found.from, asked.shared.fill(room, 1, asked.each));
  if (!surely) return found;
  const Duration open = bounded_sum(last - first, bounded_product(patience, 2));
  const std::uint64_t accepted = static_cast<std::uint64_t>(open / paced->interval) + 2;
  if (come > bounded_sum(places, accepted)) found.fails = BoundFails::surely;
  return found;
}

// Whoever finds the queue full asks on, with a descriptor and a port: may those be all taken before the first is told?
// (Of the ports of a server that never accepts the steady state knows it: they were followed.)
bool may_run_out_meanwhile(const SteadyState& state, const Scenario& scenario, bool stalled) {
  const Workload& workload = scenario.workloads.at(state.workload);
  const HostGroup& host = scenario.hosts.at(workload.from_host);
  const Process* process = process_named(host, workload.from_process);
  const auto rate = asked_rate(workload);
  if (process == nullptr || !rate) return false;
  const std::uint64_t begun = begun_by_law(workload, later(workload.start, gives_up_after(host)));
  const std::uint64_t ports = stalled ? most_count : bounded_product(state.ports.min, state.pools);
  const std::uint64_t programs = bounded_product(process->count, host.count);
  return begun > std::min(bounded_product(free_descriptors(*process), programs), ports);
}

void bound_rate(SteadyState& state, const Scenario& scenario, const Instance& at, const Slow& slow) {
  const auto& [host, instance, process, listener] = at;
  const Asked asked = asked_of(slow);
  if (!asked.shared.asked() || !state.offered) return;
  const bool stalled = std::holds_alternative<AcceptStalled>(slow.listener->accept);
  const SustainedRate served = stalled ? SustainedRate{0, 1} : asked.shared.served(paces(slow));
  const SustainedRate& offered = asked.shared.offered();
  const PlacedLimit limit{Limit::listen_backlog, listener_place(*host, *slow.process, slow.listener->endpoint)};
  // With luck descriptors or ports would let more through than this program does.
  const bool by_pace = state.bound_by && state.bound_by->limit == Limit::listen_backlog;
  const bool lower = state.sustained_open || state.bound_by == limit ||
                     smaller_part(served, offered, state.sustained, *state.offered) ||
                     (!by_pace && state.sustained_at_most && above(*state.sustained_at_most, served));
  Overflow overflow = overflow_of(scenario, *host, slow, asked);
  const bool asks_on = !host->profile->rules.has(Rule::accept_queue_refuses);
  if (overflow.fails == BoundFails::surely && asks_on && may_run_out_meanwhile(state, scenario, stalled))
    overflow.fails = BoundFails::perhaps;
  // What is narrower may be met first, and leave too few to fill the queue.
  if (!lower && overflow.fails == BoundFails::surely) overflow.fails = BoundFails::perhaps;
  const bool sooner = !state.overflows || overflow.fails > state.bound_fails ||
                      (overflow.fails == state.bound_fails && limit < *state.overflows);
  if (overflow.fails != BoundFails::no && (lower || sooner)) {
    state.bound_fails = std::max(state.bound_fails, overflow.fails);
    state.overflows = limit;
    state.overflows_from = overflow.from;
  }
  if (!lower) return;
  state.sustained = served;
  state.sustained_at_most.reset();
  // Who takes another way gets through all the same.
  const std::uint64_t at_a_time = stalled ? 0 : paces(slow);
  if (asked.shared.more_than_places(at_a_time)) write_bounds(state, asked.shared, at_a_time);
  state.sustained_open = false;
  state.sure_up_to.reset();
  // A hash may give them all to one of several that share an endpoint.
  if (!stalled && paces(slow) > 1) state.sure_up_to = asked.shared.served(1);
  state.offered = offered;
  state.together = asked.names.size() > 1 ? asked.names : std::vector<std::string>{};
  state.bound_by = limit;
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

std::vector<Overflowing> queues_that_may_overflow(const Scenario& scenario, const Wiring& wiring) {
  std::vector<Overflowing> found;
  const SlowListeners listeners(scenario, wiring);
  for (const auto& [at, slow] : listeners.all()) {
    const bool all_stay = std::all_of(slow.from.begin(), slow.from.end(), [](const auto& named) {
      return std::holds_alternative<HoldForever>(named.second.workload->hold);
    });
    if (!all_stay || std::holds_alternative<AcceptStalled>(slow.listener->accept)) continue;
    const HostGroup& host = *std::get<0>(at);
    if (overflow_of(scenario, host, slow, asked_of(slow)).fails == BoundFails::no) continue;
    const PlacedLimit limit{Limit::listen_backlog, listener_place(host, *slow.process, slow.listener->endpoint)};
    if (!found.empty() && found.back().limit == limit) continue;
    found.push_back({limit, accept_queue_size(host, *slow.listener) + 1});
  }
  return found;
}

}  // namespace netlimits::analysis
