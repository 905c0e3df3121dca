// Sums and products of fractions in 128 bits and more, put back into 64.
#include "analysis/churn/rate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <chrono>

#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"

namespace netlimits::analysis {
namespace {

using boost::multiprecision::uint256_t;

constexpr std::uint64_t a_thousand_seconds = 1'000'000'000'000;
constexpr std::uint64_t a_million_seconds = 1'000'000'000'000'000;

std::string in_thousandths(const uint256_t& thousandths) {
  return fmt::format("{}.{:03}", static_cast<std::uint64_t>(thousandths / 1000U),
                     static_cast<std::uint64_t>(thousandths % 1000U));
}

// Requires: the quotient fits where its parts do not.
SustainedRate rate_of(uint256_t connections, uint256_t nanoseconds) {
  const uint256_t common = boost::multiprecision::gcd(connections, nanoseconds);
  if (common > 1) {
    connections /= common;
    nanoseconds /= common;
  }
  if (connections <= most_count && nanoseconds <= most_count)
    return {static_cast<std::uint64_t>(connections), static_cast<std::uint64_t>(nanoseconds)};
  const uint256_t millionths = connections * a_million_seconds / nanoseconds;
  return {millionths <= most_count ? static_cast<std::uint64_t>(millionths) : most_count, a_million_seconds};
}

SustainedRate in_thousandths_a_second(std::uint64_t thousandths) { return {thousandths, a_thousand_seconds}; }

// The roundest rate whose interval in whole nanoseconds this is.
SustainedRate rate_of(Duration interval) {
  const auto nanoseconds = static_cast<std::uint64_t>(interval.count());
  for (std::uint64_t step = a_thousand_seconds; step > 0; step /= 10) {
    const std::uint64_t thousandths = (a_thousand_seconds / nanoseconds + step / 2) / step * step;
    for (const std::uint64_t one : {thousandths, thousandths + step}) {
      if (one > 0 && (a_thousand_seconds + one / 2) / one == nanoseconds) return in_thousandths_a_second(one);
    }
  }
  return {1, nanoseconds};
}

// The higher one of where it begins and where its last connection finds it.
std::uint64_t highest_of(const RampRate& ramp, const Workload& workload) {
  const auto last = last_arrival_by_law(workload);
  const Duration after = last ? *last - workload.start : ramp.over;
  if (after >= ramp.over || ramp.over <= Duration::zero()) return std::max(ramp.from_milli, ramp.to_milli);
  if (ramp.to_milli <= ramp.from_milli) return ramp.from_milli;
  const uint256_t grown = uint256_t(ramp.to_milli - ramp.from_milli) * static_cast<std::uint64_t>(after.count()) /
                          static_cast<std::uint64_t>(ramp.over.count());
  return ramp.from_milli + static_cast<std::uint64_t>(grown);
}

}  // namespace

bool above(const SustainedRate& a, const SustainedRate& b) {
  return uint256_t(a.connections) * b.per_nanoseconds > uint256_t(b.connections) * a.per_nanoseconds;
}

bool smaller_part(const SustainedRate& served, const SustainedRate& offered, const SustainedRate& other_served,
                  const SustainedRate& other_offered) {
  const auto product = [](std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
    return uint256_t(a) * b * c * d;
  };
  return product(served.connections, offered.per_nanoseconds, other_served.per_nanoseconds, other_offered.connections) <
         product(other_served.connections, other_offered.per_nanoseconds, served.per_nanoseconds, offered.connections);
}

std::string SustainedRate::text() const {
  return in_thousandths(uint256_t(connections) * a_thousand_seconds / per_nanoseconds);
}

std::string SustainedRate::nearest_text() const {
  return in_thousandths((uint256_t(connections) * a_thousand_seconds * 2 + per_nanoseconds) /
                        (uint256_t(per_nanoseconds) * 2));
}

SustainedRate sum_of(const SustainedRate& a, const SustainedRate& b) {
  return rate_of(uint256_t(a.connections) * b.per_nanoseconds + uint256_t(b.connections) * a.per_nanoseconds,
                 uint256_t(a.per_nanoseconds) * b.per_nanoseconds);
}

SustainedRate part_of(const SustainedRate& rate, std::uint64_t part, std::uint64_t of) {
  if (part >= of) return rate;
  return rate_of(uint256_t(rate.connections) * part, uint256_t(rate.per_nanoseconds) * of);
}

SustainedRate served_by(std::uint64_t places, Duration each) {
  return {places, static_cast<std::uint64_t>(each.count())};
}

std::optional<SustainedRate> asked_rate(const Workload& workload) {
  if (const auto* constant = std::get_if<ConstantRate>(&workload.arrivals)) {
    if (constant->interval <= Duration::zero()) return std::nullopt;
    return rate_of(constant->interval);
  }
  if (const auto* drawn = std::get_if<PoissonRate>(&workload.arrivals))
    return in_thousandths_a_second(drawn->per_second_milli);
  if (const auto* ramp = std::get_if<RampRate>(&workload.arrivals)) {
    const std::uint64_t highest = highest_of(*ramp, workload);
    if (highest > 0) return in_thousandths_a_second(highest);
  }
  return std::nullopt;
}

void SharedPlaces::add(const SustainedRate& rate, std::uint64_t part, std::uint64_t of, Duration each) {
  offered_ = offered_.connections == 0 ? rate : sum_of(offered_, rate);
  const uint256_t per = uint256_t(rate.per_nanoseconds) * of;
  const uint256_t time = uint256_t(static_cast<std::uint64_t>(each.count())) * part;
  const uint256_t taken = (uint256_t(rate.connections) * time * 1'000'000U + per - 1) / per;
  const std::uint64_t of_this = taken <= most_count ? static_cast<std::uint64_t>(taken) : most_count;
  taken_millionths_ = bounded_sum(taken_millionths_, of_this);
  streams_.push_back({rate, part_of(rate, part, of), of_this, each});
}

bool SharedPlaces::asked() const { return taken_millionths_ > 0; }

bool SharedPlaces::more_than(const SharedPlaces& other) const { return taken_millionths_ > other.taken_millionths_; }

bool SharedPlaces::more_than_places(std::uint64_t places) const {
  return taken_millionths_ > uint256_t(places) * 1'000'000U;
}

Duration SharedPlaces::fill(std::uint64_t room, std::uint64_t places, Duration each) const {
  const uint256_t over = uint256_t(taken_millionths_) - uint256_t(places) * 1'000'000U;
  const uint256_t time = uint256_t(room) * static_cast<std::uint64_t>(each.count()) * 1'000'000U / over;
  const auto longest = static_cast<std::uint64_t>(Duration::max().count());
  return time < longest ? Duration(static_cast<std::int64_t>(time)) : Duration::max();
}

// The chance that so many wait falls by more than the part of the time in which a place is taken with each of them:
// with x = 1 / part, x^k is the bound that follows from exp(s) - 1 < s x for s = ln x.
bool SharedPlaces::surely_leave(std::uint64_t room, std::uint64_t places, std::uint64_t connections) const {
  const uint256_t all = uint256_t(places) * 1'000'000U;
  uint256_t expected = uint256_t(connections) << 64U;
  const uint256_t least = (uint256_t(1) << 64U) / 1'000'000U;
  for (std::uint64_t k = 0; k < room && expected >= least; ++k) {
    const uint256_t next = expected * taken_millionths_ / all;
    if (next >= expected) return false;
    expected = next;
  }
  return expected < least;
}

bool SharedPlaces::surely_more_than(std::uint64_t places) const {
  const uint256_t taken = taken_millionths_ / 1'000'000U;
  return taken > places && (taken - places) * (taken - places) > taken * 36;
}

SustainedRate SharedPlaces::served(std::uint64_t places) const {
  return rate_of(uint256_t(offered_.connections) * places * 1'000'000U,
                 uint256_t(offered_.per_nanoseconds) * taken_millionths_);
}

std::vector<SharedPlaces::Stream> SharedPlaces::shortest_first() const {
  std::vector<Stream> order = streams_;
  std::stable_sort(order.begin(), order.end(), [](const Stream& a, const Stream& b) { return a.each < b.each; });
  return order;
}

SustainedRate SharedPlaces::served_least(std::uint64_t places) const {
  std::vector<Stream> longest_first = shortest_first();
  std::reverse(longest_first.begin(), longest_first.end());
  SustainedRate all{0, 1};
  uint256_t left = uint256_t(places) * 1'000'000U;
  for (const Stream& one : longest_first) {
    if (one.taken_millionths == 0) continue;
    const uint256_t has = std::min<uint256_t>(left, one.taken_millionths);
    all = sum_of(all, rate_of(uint256_t(one.rate.connections) * has,
                              uint256_t(one.rate.per_nanoseconds) * one.taken_millionths));
    left -= has;
  }
  return all;
}

SustainedRate SharedPlaces::carried_most(std::uint64_t places) const {
  SustainedRate all{0, 1};
  uint256_t left = uint256_t(places) * 1'000'000U;
  for (const Stream& one : shortest_first()) {
    if (one.taken_millionths == 0) {
      all = sum_of(all, one.rate);
      continue;
    }
    const uint256_t taken = one.taken_millionths;
    const uint256_t has = std::min(left, taken);
    left -= has;
    // Of the rate what takes other ways, and that part of the rest which has places.
    const uint256_t whole = uint256_t(one.rate.connections) * one.comes.per_nanoseconds * taken;
    const uint256_t refused = uint256_t(one.comes.connections) * one.rate.per_nanoseconds * (taken - has);
    all = sum_of(all, rate_of(whole > refused ? whole - refused : uint256_t(0),
                              uint256_t(one.rate.per_nanoseconds) * one.comes.per_nanoseconds * taken));
  }
  return all;
}

// Sums of numbers that are rounded up are less than that of the numbers, and one for each.
std::optional<SustainedRate> SharedPlaces::surely_served(std::uint64_t places, std::uint64_t streams) const {
  if (streams < 2) return std::nullopt;
  return served(places - std::min(places, streams - 1));
}

}  // namespace netlimits::analysis
