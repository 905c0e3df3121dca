// Operating systems as data: one file each (docs/profiles.md). Those of scenarios/profiles/ are compiled in.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/systems/kernel_version.hpp"
#include "model/systems/os_profile.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

struct NamedText {
  std::string name;  // of the file, for errors
  std::string text;
};

class ProfileSet {
 public:
  // The profiles that are compiled in. Throws std::logic_error if they are wrong, which a test rules out.
  static const ProfileSet& built_in();
  // Those, changed by the user's files: a new name adds a profile, a known one takes its place, also as the basis of
  // others. A profile that is based on its own name builds on the one it replaces.
  static Loaded<ProfileSet> with_files(const std::vector<NamedText>& files);
  // The same with every *.json file of a directory, in the order of their names.
  static Loaded<ProfileSet> with_directory(const std::string& directory);

  // Null: no such profile.
  std::shared_ptr<const OsProfile> find(std::string_view name) const;
  std::vector<std::string> names() const;  // in alphabetical order
  // The profile "linux-MAJOR.MINOR" of that version, or of the nearest older one there is. Empty: of none.
  std::string of_version_or_older(KernelVersion version) const;
  std::string oldest_of_linux() const;  // of those with a version; empty: there is none
  // "did you mean X?" or the list of names. Of a version of Linux it is the nearest older one, whatever is spelt alike,
  // or else the oldest.
  std::string suggestion(std::string_view name) const;

 private:
  std::map<KernelVersion, std::string> versions_of_linux() const;

  std::map<std::string, std::shared_ptr<const OsProfile>, std::less<>> profiles_;
};

// The figures of a profile as a file spells them, in the order of docs/profiles.md, for printing.
struct FigureText {
  std::string key;
  std::string value;
  Provenance provenance;
};
std::vector<FigureText> figures_of(const OsProfile& profile);

}  // namespace netlimits::scenarios
