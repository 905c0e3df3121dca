// The figures that a formula of a cause can name, on one system.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/systems/os_profile.hpp"
#include "scenarios/diagnosis/causes.hpp"
#include "scenarios/diagnosis/formula.hpp"

namespace netlimits::scenarios {

// What was seen of a machine, in place of figures of its profile.
struct SeenFigures {
  Settings settings{};
  std::optional<std::uint64_t> nofile_soft{};
  std::optional<std::uint64_t> nofile_hard{};
  std::optional<std::uint64_t> conntrack_max{};
};

class KnownSystem {
 public:
  // Requires: the profile and the book outlive it.
  KnownSystem(const OsProfile& profile, const CauseBook& book, const std::optional<SeenFigures>& seen = {});

  const OsProfile& profile() const { return *profile_; }

  // One way in which a formula comes to a value: "49152 to 65535" of the profile, or "of nginx".
  struct Worth {
    std::uint64_t value = 0;
    std::string how{};  // the figures that went in: "range_first 1024, range_last 65535"
  };
  // In the order of the figures' values; figures of one kind of gateway stay together. Empty: it has none here.
  std::vector<Worth> worth_of(const Formula& formula) const;

  // "EADDRNOTAVAIL": the figure of the profile that says which error.
  std::string error_of(const std::string& figure) const;

 private:
  struct Choice {  // figures that go together, as those of one gateway do
    std::string of{};
    std::map<std::string, std::uint64_t> figures{};
  };
  std::vector<std::vector<Choice>> choices_for(const Formula& formula) const;
  std::string own_words(const Formula& formula) const;
  std::optional<std::uint64_t> call(const std::string& function, std::uint64_t of) const;

  const OsProfile* profile_;
  const CauseBook* book_;
  PortRange range_;
  std::map<std::string, std::uint64_t> own_{};  // of the profile, or seen
  std::vector<Choice> gateways_{};
  std::map<std::string, std::string> errors_{};  // by figure
};

}  // namespace netlimits::scenarios
