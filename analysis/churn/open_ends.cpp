// One drawer after another; of each, one way after another.
#include "analysis/churn/open_ends.hpp"

#include <algorithm>
#include <map>

#include "model/net/bounded_time.hpp"
#include "model/tcp/syn_retransmission.hpp"

namespace netlimits::analysis {
namespace {

using AcceptQueue = NeverAccepted::Queue;

bool may_come_to(const PlannedWorkload& workload, const AcceptQueue& queue) {
  return std::any_of(workload.targets.begin(), workload.targets.end(), [&](const Target& target) {
    if (target.reach == Reach::balancer) return true;
    return target.reach == Reach::listener &&
           queue == AcceptQueue{target.host, target.instance, target.process, target.listener};
  });
}

// Do only these come to it?
bool come_alone(const std::vector<Drawer>& drawers, const ClientPlan& plan, const AcceptQueue& queue) {
  return std::all_of(plan.workloads.begin(), plan.workloads.end(), [&](const PlannedWorkload& other) {
    const bool is_one =
        std::any_of(drawers.begin(), drawers.end(), [&](const Drawer& drawer) { return drawer.planned == &other; });
    return is_one || !may_come_to(other, queue);
  });
}

// It keeps its port for the shorter time: that of those who are accepted, who wait, or who give up.
void shorten(PortCourse& course, const NeverAccepted& never) {
  if (course.waits && course.longest_wait() > never.fin_wait) course.fin_wait = never.fin_wait;
  if (bounded_sum(course.until_closed, course.longest_wait()) <= never.gives_up) return;
  course.until_closed = never.gives_up;
  course.waits = false;
}

}  // namespace

JointWalk with_open_ends(JointWalk walk, const std::vector<Drawer>& drawers, const ClientPlan& plan, bool luck) {
  std::map<AcceptQueue, std::size_t> numbers;
  for (std::size_t i = 0; i < drawers.size(); ++i) {
    const Drawer& drawer = drawers[i];
    if (!drawer.end_is_open()) continue;
    Comer& comer = walk.comers[i];
    const bool drawn = drawer.hold_is_drawn();
    // None of those ends whose server never accepts them, whatever luck there is.
    const bool all_in_vain = std::all_of(drawer.in_vain.begin(), drawer.in_vain.end(),
                                         [](const auto& one) { return one && one->all && one->queue; });
    const bool server_closes = drawer.planned->workload->closer == Closer::server;
    if (server_closes && all_in_vain) comer.ends = false;
    if (drawn || (server_closes && !all_in_vain)) {
      if (!luck) comer.ends = false;
      if (luck && drawn)
        for (PortCourse& course : comer.courses) course.until_closed -= *drawer.hold;
      continue;
    }
    comer.queues.resize(drawer.courses.size());
    for (std::size_t way = 0; way < drawer.courses.size(); ++way) {
      const auto& never = drawer.in_vain[way];
      if (!never) continue;
      PortCourse& course = comer.courses[way];
      if (never->queue && come_alone(drawers, plan, *never->queue)) {
        const auto [found, is_new] = numbers.try_emplace(*never->queue, walk.places.size());
        if (is_new) walk.places.push_back(never->places);
        comer.queues[way] = FullForGood{found->second, never->gives_up};
        if (!luck && course.waits) course.until_closed = bounded_sum(course.until_closed, first_syn_timeout);
      } else if (luck) {
        shorten(course, *never);
      } else {
        comer.ends = false;
      }
    }
  }
  return walk;
}

}  // namespace netlimits::analysis
