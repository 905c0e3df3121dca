// Scenarios that run on this machine's kernel at the same time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>

#include "live/run/observe.hpp"
#include "model/scenario/observation.hpp"
#include "model/scenario/twin.hpp"

namespace netlimits::cli {

class KernelRuns {
 public:
  struct Ended {
    std::uint64_t number = 0;
    Twin twin{};
    Observation seen{};
  };

  // `number` is the caller's, to know the run by. What chance decides is drawn here.
  void begin(std::uint64_t number, Twin twin, live::ObserveOptions options = {});
  std::size_t under_way() const { return runs_.size(); }
  // One that is over, after a look at each of them.
  std::optional<Ended> ended();
  // One that is over, however long it takes. Requires: one is under way. Throws live::Interrupted.
  Ended wait();

  // Told at each look at one that goes on.
  std::function<void(std::uint64_t number, const live::ObserveProgress& progress)> watch{};

 private:
  struct UnderWay {
    std::uint64_t number = 0;
    Twin twin{};
    live::OngoingObservation run;
  };
  std::list<UnderWay> runs_;
};

}  // namespace netlimits::cli
