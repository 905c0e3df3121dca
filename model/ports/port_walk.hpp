// The order in which an automatic choice looks at ports, as runs. Which port is taken is then "the first of the walk
// that is acceptable", whether one asks port by port or a PortSet.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "model/net/port_set.hpp"

namespace netlimits {

class PortWalk {
 public:
  std::span<const PortRun> runs() const { return {runs_.data(), size_}; }

  bool contains(Port port) const {
    for (const PortRun& run : runs()) {
      if (port.value < run.first) continue;
      const std::uint32_t beyond = port.value - run.first;
      if (beyond % run.step == 0 && beyond / run.step < run.count) return true;
    }
    return false;
  }

  // `count` ports from `first` on by `step`; a port above `last` comes down by `wrap`.
  void add_wrapping(std::uint32_t first, std::uint32_t count, std::uint32_t step, std::uint32_t last,
                    std::uint32_t wrap) {
    while (count > 0) {
      if (first > last) first -= wrap;
      const std::uint32_t fitting = (last - first) / step + 1;
      const std::uint32_t here = count < fitting ? count : fitting;
      runs_[size_++] = {first, here, step};
      first += here * step;
      count -= here;
    }
  }

 private:
  std::array<PortRun, 8> runs_{};
  std::size_t size_ = 0;
};

// The first port of the walk that `acceptable` takes, asked one by one.
template <class Acceptable>
std::optional<Port> first_acceptable(const PortWalk& walk, Acceptable&& acceptable) {
  for (const PortRun& run : walk.runs()) {
    for (std::uint32_t i = 0; i < run.count; ++i) {
      const Port port{static_cast<std::uint16_t>(run.first + i * run.step)};
      if (acceptable(port)) return port;
    }
  }
  return std::nullopt;
}

// Is a port acceptable that the walk through the range does not come to? Of a range of odd size, a walk by parity
// leaves out one port, at an end.
template <class Acceptable>
bool leaves_out(const PortWalk& walk, PortRange range, Acceptable&& acceptable) {
  for (const Port end : {range.first, range.last})
    if (!walk.contains(end) && acceptable(end)) return true;
  return false;
}

// The first port of the walk outside `blocked`.
inline std::optional<Port> first_outside(const PortWalk& walk, const PortSet& blocked) {
  for (const PortRun& run : walk.runs())
    if (const auto port = blocked.first_outside(run)) return port;
  return std::nullopt;
}

}  // namespace netlimits
