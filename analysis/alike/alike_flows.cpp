// The classes of destinations are divided further by how many go there, source by source: what is together in the end
// is met by as many from everywhere.
#include "analysis/alike/alike_flows.hpp"

#include <algorithm>
#include <utility>

namespace netlimits::analysis {
namespace {

constexpr std::size_t not_numbered = ~std::size_t{0};

std::uint64_t ways_of_turns(const SourceTurns& from) { return std::min(from.workload->destinations(), from.turns); }

// How many take the `way`-th destination from the first one on.
std::uint64_t as_many_take(const SourceTurns& from, std::uint64_t way) {
  return (from.turns - way - 1) / from.workload->destinations() + 1;
}

std::uint64_t position_of(const SourceTurns& from, std::uint64_t way) {
  const std::uint64_t all = from.workload->destinations();
  return from.offset + way < all ? from.offset + way : from.offset + way - all;
}

Flow flow_to(const SourceTurns& from, std::uint64_t position, std::uint64_t each) {
  return {from.workload, from.program, from.source,    position, each * from.instances.count,
          each,          from.turns,   from.instances, from.step};
}

class AlikeInNumbers {
 public:
  AlikeInNumbers(const std::vector<SourceTurns>& all, const DestinationClasses& alike, const LiftedLimits& lifted)
      : all_(all), alike_(alike), class_of_(alike.under(lifted).class_of), classes_(alike.under(lifted).classes) {
    for (const SourceTurns& from : all) divide_by(from);
    members_.resize(classes_);
    for (std::size_t number = 0; number < class_of_.size(); ++number) members_[class_of_[number]].push_back(number);
  }

  std::vector<Flow> flows(std::deque<EndsAlike>& ends) const {
    std::vector<const EndsAlike*> ends_of(classes_, nullptr);
    std::vector<Flow> flows;
    for (const SourceTurns& from : all_) {
      const std::vector<std::size_t>& numbers = alike_.numbers(from.workload->index);
      std::vector<bool> done(classes_, false);
      for (std::uint64_t way = 0; way < ways_of_turns(from); ++way) {
        const std::uint64_t position = position_of(from, way);
        const std::size_t of = class_of_[numbers[position]];
        if (done[of]) continue;
        done[of] = true;
        const std::vector<std::size_t>& members = members_[of];
        Flow flow = flow_to(from, position, as_many_take(from, way));
        if (members.size() > 1) {
          flow.destination = alike_.position(from.workload->index, members.front());
          flow.ways = members.size();
          if (ends_of[of] == nullptr) ends_of[of] = &ends.emplace_back(ends_at(members));
          flow.ends = ends_of[of];
        }
        flows.push_back(flow);
      }
    }
    return flows;
  }

 private:
  // Equal numbers of connections come in two stretches of the walk round the destinations.
  void divide_by(const SourceTurns& from) {
    const std::vector<std::size_t>& numbers = alike_.numbers(from.workload->index);
    const std::uint64_t most = as_many_take(from, 0);
    std::vector<std::size_t> further(2 * classes_, not_numbered);
    for (std::uint64_t way = 0; way < ways_of_turns(from); ++way) {
      std::size_t& its = class_of_[numbers[position_of(from, way)]];
      std::size_t& next = further[2 * its + (as_many_take(from, way) == most ? 0 : 1)];
      if (next == not_numbered) next = further.size() + fresh_++;
      its = next;
    }
    number_anew();
  }

  // Without gaps, so that there are no more numbers than classes.
  void number_anew() {
    std::vector<std::size_t> anew(2 * classes_ + fresh_, not_numbered);
    std::size_t count = 0;
    for (std::size_t& its : class_of_) {
      if (anew[its] == not_numbered) anew[its] = count++;
      its = anew[its];
    }
    classes_ = count;
    fresh_ = 0;
  }

  EndsAlike ends_at(const std::vector<std::size_t>& members) const {
    EndsAlike ends;
    for (const std::size_t number : members) {
      ends.to.push_back(alike_.to(number));
      if (alike_.listener(number)) ends.listeners.push_back(*alike_.listener(number));
    }
    return ends;
  }

  const std::vector<SourceTurns>& all_;
  const DestinationClasses& alike_;
  std::vector<std::size_t> class_of_;
  std::size_t classes_;
  std::size_t fresh_ = 0;
  std::vector<std::vector<std::size_t>> members_{};
};

}  // namespace

std::vector<Flow> flows_of(const std::vector<SourceTurns>& all, const DestinationClasses* alike,
                           const LiftedLimits& lifted, std::deque<EndsAlike>& ends) {
  if (alike != nullptr) return AlikeInNumbers(all, *alike, lifted).flows(ends);
  std::vector<Flow> flows;
  for (const SourceTurns& from : all)
    for (std::uint64_t way = 0; way < ways_of_turns(from); ++way)
      flows.push_back(flow_to(from, position_of(from, way), as_many_take(from, way)));
  return flows;
}

}  // namespace netlimits::analysis
