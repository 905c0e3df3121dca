// Inside report/: values as JSON, and JSON as bytes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "analysis/capacity.hpp"
#include "model/net/time.hpp"
#include "model/scenario/place.hpp"
#include "scenarios/json/plain_text.hpp"

namespace netlimits::report {

// Sorted keys, two blanks, a newline at the end. What steers a reader is escaped; bytes that are not UTF-8 (names come
// from outside) are replaced.
inline std::string json_bytes(const nlohmann::json& value) {
  return scenarios::escaped_json(value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)) + "\n";
}
// On one line, for messages and comparisons.
inline std::string json_line(const nlohmann::json& value) {
  return scenarios::escaped_json(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

inline nlohmann::json json_of(const analysis::Interval& interval) {
  if (interval.exact()) return interval.min;
  return {{"min", interval.min}, {"max", interval.max}};
}
inline nlohmann::json json_of(SimTime time) { return time.time_since_epoch().count(); }
inline nlohmann::json json_of(Duration time) { return time.count(); }
nlohmann::json json_of(const std::vector<analysis::Binding>& binding);
// What a place is made of, by name: a key for each part that it has.
nlohmann::json json_of(const Place& place);
// "place": as text; "place_parts": its parts.
void put_place(nlohmann::json& into, const Place& place);

}  // namespace netlimits::report
