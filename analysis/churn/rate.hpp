// Exact rates: connections a second, as whole numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/net/time.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// An exact number of connections a second. Printed to three digits, never through binary floating point.
struct SustainedRate {
  std::uint64_t connections = 0;
  std::uint64_t per_nanoseconds = 1;  // more than 0

  std::string text() const;          // "470.533": rounded down, as what is sustained is
  std::string nearest_text() const;  // to the nearest, as what is asked for is
  bool operator==(const SustainedRate&) const = default;
};

bool above(const SustainedRate& a, const SustainedRate& b);  // the higher rate

// Is `served` a smaller part of `offered` than the other one is of what is offered there?
bool smaller_part(const SustainedRate& served, const SustainedRate& offered, const SustainedRate& other_served,
                  const SustainedRate& other_offered);

// Added exactly where 64 bits hold the sum, and else to a millionth of a connection a second.
SustainedRate sum_of(const SustainedRate& a, const SustainedRate& b);

// That part of a rate; all of it where the part is more. Requires: `of` is more than 0.
SustainedRate part_of(const SustainedRate& rate, std::uint64_t part, std::uint64_t of);

// So many connections, each of which takes a place for `each`: Little's law. Requires: `each` is more than 0.
SustainedRate served_by(std::uint64_t places, Duration each);

// What a workload asks for: the rate that a user wrote, of which the scenario keeps the interval in whole nanoseconds;
// the mean where gaps are drawn; the highest that a ramp comes to. Nothing: all come at once.
std::optional<SustainedRate> asked_rate(const Workload& workload);

// Several kinds of connection share places: the part of what they ask for that is served, and so many a second of them.
class SharedPlaces {
 public:
  // Of these connections `part` in `of` come to the places in question. Requires: part <= of, which is more than 0.
  void add(const SustainedRate& rate, std::uint64_t part, std::uint64_t of, Duration each);
  bool asked() const;  // does anybody come?
  // Of so many places, each of which serves one connection after another.
  bool more_than_places(std::uint64_t places) const;
  // How long those that are not served take to fill as many more. Requires: more come than the places serve.
  Duration fill(std::uint64_t room, std::uint64_t places, Duration each) const;
  // Where so many connections come at random, and a place serves each in the same time: is it beyond all chance (one in
  // a million) that ever so many wait?
  bool surely_leave(std::uint64_t room, std::uint64_t places, std::uint64_t connections) const;
  bool more_than(const SharedPlaces& other) const;  // do those that come take more places?
  // Where they come at random: are those that take a place at any time more than that, and not by chance?
  bool surely_more_than(std::uint64_t places) const;
  // All of those rates together, and how much of it so many places serve.
  const SustainedRate& offered() const { return offered_; }
  SustainedRate served(std::uint64_t places) const;
  // ... where whoever finds no place is refused, and those have the places that keep them longest.
  SustainedRate served_least(std::uint64_t places) const;
  // What gets through in all, at most: whoever takes another way than to these places, and of the others as many as
  // find one where those have the places that keep them shortest.
  SustainedRate carried_most(std::uint64_t places) const;
  // ... however so many streams meet there, each of them at a constant rate: of one of them as many as its mean,
  // rounded up, have a place at any time. Nothing: it is the same.
  std::optional<SustainedRate> surely_served(std::uint64_t places, std::uint64_t streams) const;

 private:
  struct Stream {
    SustainedRate rate{};
    SustainedRate comes{};  // of that, to these places
    std::uint64_t taken_millionths = 0;
    Duration each{};
  };

  std::vector<Stream> shortest_first() const;

  std::vector<Stream> streams_{};
  SustainedRate offered_{0, 1};
  // Places that are taken at any time: millionths, rounded up.
  std::uint64_t taken_millionths_ = 0;
};

}  // namespace netlimits::analysis
