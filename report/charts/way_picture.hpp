// Who connects to whom: host groups, gateways and balancers in columns from those that only connect to those that only
// serve, with what went over each way and the place that binds marked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/scenario/place.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::report {

struct WayNode {
  std::string name{};
  std::vector<std::string> facts{};  // a line each: "3 hosts", "28,232 accepted"
  std::size_t column = 0;
  bool binds = false;
  bool operator==(const WayNode&) const = default;
};

struct WayEdge {
  std::size_t from = 0;  // positions in the picture
  std::size_t to = 0;
  std::string name{};     // of the workload, or how many there are; empty: of a balancer's choice
  std::string figures{};  // "28,232 of 30,000"; empty: how many go this way is not counted
  std::uint64_t count = 0;
  bool binds = false;
  bool operator==(const WayEdge&) const = default;
};

// Not all of a very large scenario is drawn: of its groups and ways the first, by name, and how many are not.
struct WayPicture {
  std::vector<WayNode> nodes{};
  std::vector<WayEdge> edges{};
  std::uint64_t nodes_left_out = 0;
  bool ways_left_out = false;
};

// `result`: what went over the ways; without it, what is asked for. `binding`: the places to mark.
WayPicture way_picture(const Scenario& scenario, const RunResult* result, const std::vector<PlacedLimit>& binding);

// A part of a page: a heading, the picture as SVG, and its ways as a table. `id`: what sets its parts apart from those
// of other pictures of the page. Nothing where nobody connects.
std::string way_section(const WayPicture& picture, const std::string& id);

}  // namespace netlimits::report
