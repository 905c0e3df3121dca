// Asked of each server that a way may lead to.
#include "analysis/churn/never_accepted.hpp"

#include <vector>

#include "analysis/churn/churn_course.hpp"
#include "model/scenario/listening.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"
#include "model/tcp/time_wait.hpp"

namespace netlimits::analysis {
namespace {

bool accepts_nobody(const Target& target) {
  if (target.reach != Reach::listener) return false;
  const Process& process = target.host->processes[target.process];
  return std::holds_alternative<AcceptStalled>(process.listeners[target.listener].accept);
}

}  // namespace

std::optional<NeverAccepted> never_accepted(const Wiring& wiring, const PlannedWorkload& workload,
                                            const Target& target) {
  std::vector<Target> ends;
  if (target.reach == Reach::balancer) {
    for (const Endpoint& back_end : target.balancer->back_ends)
      ends.push_back(wiring.behind(*target.balancer, back_end));
  } else {
    ends.push_back(target);
  }
  NeverAccepted found;
  std::size_t stalled = 0;
  for (const Target& end : ends) stalled += accepts_nobody(end) ? 1 : 0;
  if (stalled == 0) return std::nullopt;
  found.all = stalled == ends.size();
  const FinWaitPlan plan = fin_wait_plan(workload.host->settings.fin_timeout);
  found.fin_wait = plan.as_full_socket + plan.as_light_entry;
  found.gives_up = gives_up_after(*workload.host);
  const Target& first = ends.front();
  const bool apart = round_trip_of(wiring, workload, target).value_or(Duration::zero()) > Duration::zero();
  if (ends.size() > 1 || first.own || apart) return found;
  const Process& process = first.host->processes[first.process];
  const Listener& listener = process.listeners[first.listener];
  if (listener.reuse_port && process.count > 1) return found;  // a hash divides them among several queues
  found.queue = {first.host, first.instance, first.process, first.listener};
  found.places = accept_queue_size(*first.host, listener);
  if (first.host->profile->rules.has(Rule::accept_queue_refuses)) found.gives_up = Duration::zero();
  return found;
}

}  // namespace netlimits::analysis
