// Counts that rise and fall in straight lines are most where one of the lines ends; few enough connections are looked
// at one by one, as whole numbers can be one more than the lines.
#include "analysis/occupancy/peaks.hpp"

#include <algorithm>
#include <set>

#include "analysis/client_plan.hpp"
#include "analysis/occupancy/open_at_once.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::uint64_t most_one_by_one = 2048;  // moments
constexpr std::size_t most_peaks = 8;
constexpr std::uint64_t samples = 16;  // of a workload whose rate changes

class OpenCourse {
 public:
  OpenCourse(const Workload& workload, const Occupancy& occupancy)
      : workload_(workload), occupancy_(occupancy), by_law_(occupancy.kept && last_arrival_by_law(workload)) {}

  // What ends at a moment has ended before others begin.
  std::uint64_t open(SimTime at) const {
    if (!by_law_) return workload_.start <= at ? occupancy_.most : 0;
    const std::uint64_t begun = begun_by_law(workload_, at);
    const bool none_ended = at - workload_.start < *occupancy_.kept;
    const std::uint64_t closed = none_ended ? 0 : begun_by_law(workload_, at - *occupancy_.kept);
    return occupancy_.in_turns(begun - closed, begun);
  }

  // When it begins, has as many as it ever has, and ends to come.
  void add_moments(std::set<SimTime>& moments, bool one_by_one) const {
    const std::uint64_t count = workload_.connections;
    if (count == 0) return;
    if (!by_law_) {
      moments.insert(workload_.start);
      return;
    }
    if (one_by_one) {
      for (std::uint64_t k = 0; k < count; ++k) moments.insert(arrival(k));
      return;
    }
    moments.insert(arrival(0));
    moments.insert(arrival(count - 1));
    if (*occupancy_.kept == Duration::max()) return;
    const std::uint64_t before = begun_by_law(workload_, later(arrival(0), *occupancy_.kept) - Duration(1));
    for (const std::uint64_t k : {before, before + 1})
      if (k > 0 && k <= count) moments.insert(arrival(k - 1));
    const auto* const ramp = std::get_if<RampRate>(&workload_.arrivals);
    if (ramp == nullptr) return;
    for (std::uint64_t i = 1; i < samples; ++i) moments.insert(arrival(count - 1 - (count - 1) / samples * i));
    const std::uint64_t risen = begun_by_law(workload_, later(workload_.start, ramp->over));
    if (risen > 0) moments.insert(arrival(risen - 1));
  }

 private:
  SimTime arrival(std::uint64_t k) const { return *arrival_by_law(workload_.arrivals, workload_.start, k); }

  const Workload& workload_;
  const Occupancy& occupancy_;
  bool by_law_;
};

bool has_as_many(const Demand& a, const Demand& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](std::uint64_t one, std::uint64_t other) { return one >= other; });
}

void keep(std::vector<Peak>& peaks, Peak peak) {
  if (std::any_of(peaks.begin(), peaks.end(), [&](const Peak& kept) { return has_as_many(kept.open, peak.open); }))
    return;
  std::erase_if(peaks, [&](const Peak& kept) { return has_as_many(peak.open, kept.open); });
  peaks.push_back(std::move(peak));
}

}  // namespace

Peaks peaks_of(const Scenario& scenario, const Wiring& wiring, Drawn drawn) {
  std::vector<Occupancy> occupancies = occupancies_of(scenario, wiring);
  for (Occupancy& one : occupancies)
    if (drawn == Drawn::left_out && !one.kept) one.most = 0;
  Peak at_most;
  for (const Occupancy& one : occupancies) at_most.open.push_back(one.most);
  Peaks found;
  if (!scenario.events.empty()) {
    found.peaks.push_back(std::move(at_most));
    return found;
  }
  std::vector<OpenCourse> courses;
  std::uint64_t connections = 0;
  for (const auto& [name, workload] : scenario.workloads) {
    courses.emplace_back(workload, occupancies[courses.size()]);
    connections = bounded_sum(connections, workload.connections);
  }
  found.all = connections <= most_one_by_one;
  std::set<SimTime> moments;
  for (const OpenCourse& course : courses) course.add_moments(moments, found.all);
  for (const SimTime at : moments) {
    Peak peak{.at = at};
    for (const OpenCourse& course : courses) peak.open.push_back(course.open(at));
    // Nobody ever has more, and no moment is more worth looking at.
    const bool is_most = peak.open == at_most.open;
    keep(found.peaks, std::move(peak));
    if (is_most) {
      found.all = true;
      break;
    }
  }
  if (found.peaks.empty()) {
    std::fill(at_most.open.begin(), at_most.open.end(), 0);
    found.peaks.push_back(std::move(at_most));
  }
  if (found.peaks.size() > most_peaks) {
    found.all = false;
    std::stable_sort(found.peaks.begin(), found.peaks.end(),
                     [](const Peak& a, const Peak& b) { return sum_of(a.open) > sum_of(b.open); });
    found.peaks.resize(most_peaks);
  }
  std::stable_sort(found.peaks.begin(), found.peaks.end(), [](const Peak& a, const Peak& b) { return a.at < b.at; });
  return found;
}

}  // namespace netlimits::analysis
