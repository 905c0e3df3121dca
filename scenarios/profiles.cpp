// Definitions by name, built in and the user's own; ProfileBuilder makes a profile of one, its base first.
#include "scenarios/profiles.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "model/systems/kernel_version.hpp"
#include "model/systems/rule_book.hpp"
#include "model/systems/setting.hpp"
#include "scenarios/embedded.hpp"
#include "scenarios/json/json_reader.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/json/whole_text.hpp"
#include "scenarios/profile_figures.hpp"

namespace netlimits::scenarios {
namespace {

const ObjectKeys profile_keys{
    "profile", {"netlimits_profile", "name", "title", "system", "based_on", "kernel", "settings_absent", "figures"}};
const ObjectKeys figure_keys{"figure", {"value", "source", "confidence", "note"}};
const std::vector<std::string> systems{"linux", "windows", "macos", "freebsd"};

// "linux-5.4".
std::optional<KernelVersion> version_in(std::string_view name) {
  constexpr std::string_view prefix = "linux-";
  return name.starts_with(prefix) ? kernel_version(name.substr(prefix.size())) : std::nullopt;
}

const ObjectKeys& figures_keys() {
  static const ObjectKeys keys = [] {
    ObjectKeys made{"profile's figures", {}};
    for (const FigureForm& form : figure_forms()) made.keys.push_back(form.key);
    return made;
  }();
  return keys;
}

// A profile's definitions: the one compiled in, then those of the user that replace it.
using Definitions = std::map<std::string, std::vector<JsonDocument>, std::less<>>;
using Profiles = std::map<std::string, std::shared_ptr<const OsProfile>, std::less<>>;

class ProfileBuilder {
 public:
  explicit ProfileBuilder(const Definitions& definitions) : definitions_(definitions) {}

  Loaded<Profiles> build_all() {
    Profiles profiles;
    for (const auto& [name, levels] : definitions_) {
      if (auto profile = build(name, levels.size() - 1)) {
        profiles[name] = std::make_shared<const OsProfile>(std::move(*profile));
      }
    }
    if (!errors_.empty()) return tl::unexpected(std::move(errors_));
    return profiles;
  }

 private:
  std::optional<OsProfile> build(const std::string& name, std::size_t level) {
    const JsonDocument& document = definitions_.find(name)->second[level];
    ErrorList errors(document);
    auto profile = read(document, name, level, errors);
    if (errors.empty()) return profile;
    // A faulty basis shows up again in each profile that is built on it.
    for (InputError& error : errors.take()) {
      if (reported_.insert(error.text()).second) errors_.push_back(std::move(error));
    }
    return std::nullopt;
  }

  std::optional<OsProfile> read(const JsonDocument& document, const std::string& name, std::size_t level,
                                ErrorList& errors) {
    const ObjectReader reader(Field(document.root, {}, errors), profile_keys);
    if (!reader.is_object()) return std::nullopt;
    if (const auto version = reader.need("netlimits_profile", "1")) version->integer(1, 1, "the only version there is");
    OsProfile profile;
    bool built_on = false;
    if (const auto based_on = reader.get("based_on")) {
      const auto basis = based_on->string("the name of a profile");
      if (!basis) return std::nullopt;
      auto base = basis_of(*based_on, *basis, name, level);
      if (!base) return std::nullopt;
      profile = std::move(*base);
      profile.based_on = *basis;
      built_on = true;
    }
    profile.name = name;
    read_title(reader, profile, built_on);
    read_kernel(reader, profile, built_on);
    if (const auto absent = reader.get("settings_absent")) read_absent(*absent, profile);
    const auto figures = reader.need("figures", "an object of figures by key");
    if (!figures) return profile;
    const ObjectReader figure_reader(*figures, figures_keys());
    if (!figure_reader.is_object()) return profile;
    for (const FigureForm& form : figure_forms()) {
      if (const auto figure = figure_reader.get(form.key)) {
        read_figure(*figure, form, profile);
      } else if (!built_on && !form.rule) {
        figures->complain(fmt::format("no figure {}", in_quotes(form.key)),
                          "a profile that is based on none gives every figure");
      }
    }
    return profile;
  }

  static void read_title(const ObjectReader& reader, OsProfile& profile, bool built_on) {
    if (const auto title = reader.need("title", "a line about the system and its versions")) {
      profile.title = title->string().value_or("");
    }
    const auto system = built_on ? reader.get("system") : reader.need("system", "whose setting names it understands");
    if (!system) return;
    const auto index = system->choice(systems);
    if (!index) return;
    if (built_on && systems[*index] != profile.system) {
      system->refuse(fmt::format("{}, as the profile it is based on", in_quotes(profile.system)));
    }
    profile.system = systems[*index];
  }

  // What the rule book says of the system and its version. A profile with a version of its own has every rule that came
  // or went with one by the book, whatever its basis says of it.
  static void read_kernel(const ObjectReader& reader, OsProfile& profile, bool built_on) {
    const auto field = reader.get("kernel");
    if (field) {
      const auto text = field->string("the version of a Linux kernel, such as \"6.12\"");
      if (!text) return;
      const auto version = kernel_version(*text);
      if (!version || fmt::format("{}.{}", version->major, version->minor) != *text)
        field->refuse("the version of a Linux kernel, such as \"6.12\"");
      if (profile.system != "linux") field->refuse("a version only for a profile of Linux");
      profile.kernel = version;
    }
    const auto system = system_named(profile.system);
    if (!system || (built_on && !field)) return;
    const RuleSet by_book = rules_of(*system, profile.kernel.value_or(newest_kernel));
    for (const RuleFacts& row : rule_book()) {
      if (built_on && !row.differs_by_version()) continue;
      profile.rules.set(row.rule, by_book.has(row.rule));
      if (!row.figure.empty()) profile.provenance[std::string(row.figure)] = provenance_of(row.rule, profile);
    }
  }

  static void read_absent(const Field& field, OsProfile& profile) {
    for (const Field& item : field.list("a list of setting names").value_or(std::vector<Field>{})) {
      const auto name = item.string("the name of a setting");
      if (!name) continue;
      if (!setting_named(profile.system, *name))
        item.refuse(fmt::format("the name of a setting of {}", profile.system));
      profile.settings_absent.insert(*name);
    }
  }

  static void read_figure(const Field& field, const FigureForm& form, OsProfile& profile) {
    const ObjectReader reader(field, figure_keys);
    if (!reader.is_object()) return;
    if (const auto value = reader.need("value", "the figure")) form.read(*value, profile);
    Provenance provenance;
    if (const auto source = reader.need("source", "where the figure comes from")) {
      provenance.source = source->string().value_or("");
      if (source->node().kind == JsonKind::string && provenance.source.empty())
        source->refuse("where the figure comes from");
    }
    if (const auto confidence = reader.need("confidence", "how sure the figure is")) {
      if (const auto index = confidence->choice(confidence_words())) provenance.confidence = confidence_words()[*index];
    }
    if (const auto note = reader.get("note")) provenance.note = note->string().value_or("");
    profile.provenance[std::string(form.key)] = std::move(provenance);
  }

  std::optional<OsProfile> basis_of(const Field& field, const std::string& basis, const std::string& name,
                                    std::size_t level) {
    const auto found_basis = definitions_.find(basis);
    if (found_basis == definitions_.end() || (basis == name && level == 0)) {
      std::vector<std::string> known;
      for (const auto& [one, unused] : definitions_) known.push_back(one);
      field.refuse("the name of another profile", scenarios::suggestion(basis, known));
      return std::nullopt;
    }
    const std::size_t basis_level = basis == name ? level - 1 : found_basis->second.size() - 1;
    const std::pair<std::string, std::size_t> step{basis, basis_level};
    if (std::find(under_way_.begin(), under_way_.end(), step) != under_way_.end() || under_way_.size() > 32) {
      field.complain(fmt::format("{} is based on itself", in_quotes(basis)), "a chain of profiles needs a first one");
      return std::nullopt;
    }
    under_way_.push_back(step);
    auto built = build(basis, basis_level);
    under_way_.pop_back();
    // Why the basis failed is reported with its own file.
    if (!built) field.complain(fmt::format("the profile {} that it is based on is wrong", in_quotes(basis)));
    return built;
  }

  const Definitions& definitions_;
  std::vector<std::pair<std::string, std::size_t>> under_way_;
  InputErrors errors_;
  std::set<std::string> reported_;
};

// Adds one file to the definitions, by the name that it gives itself.
Loaded<void> define(Definitions& definitions, std::string_view text, std::string name) {
  auto document = parse_json(text, std::move(name));
  if (!document) return tl::unexpected(std::move(document.error()));
  ErrorList errors(*document);
  const ObjectReader reader(Field(document->root, {}, errors), profile_keys);
  std::string profile_name;
  if (const auto field = reader.need("name", "what scenarios call the profile")) {
    profile_name = field->string("the name of the profile").value_or("");
    const bool plain = profile_name.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == std::string::npos;
    if (errors.empty() && (profile_name.empty() || !plain))
      field->refuse("a name of letters, digits, '.', '-' and '_'");
  }
  if (!errors.empty()) return tl::unexpected(errors.take());
  definitions[profile_name].push_back(std::move(*document));
  return {};
}

Definitions built_in_definitions() {
  Definitions definitions;
  for (const EmbeddedText& file : embedded_profiles()) {
    const auto outcome = define(definitions, file.text, fmt::format("{}.json", file.name));
    if (!outcome) throw std::logic_error(text_of(outcome.error()));
  }
  return definitions;
}

tl::unexpected<InputErrors> unreadable(std::string file, std::string message) {
  return tl::unexpected(
      InputErrors{{.file = std::move(file), .pointer = {}, .expected = {}, .message = std::move(message), .hint = {}}});
}

}  // namespace

const ProfileSet& ProfileSet::built_in() {
  static const ProfileSet set = [] {
    auto made = with_files({});
    if (!made) throw std::logic_error(text_of(made.error()));
    return std::move(*made);
  }();
  return set;
}

Loaded<ProfileSet> ProfileSet::with_files(const std::vector<NamedText>& files) {
  Definitions definitions = built_in_definitions();
  for (const NamedText& file : files) {
    if (auto outcome = define(definitions, file.text, file.name); !outcome) return tl::unexpected(outcome.error());
  }
  auto profiles = ProfileBuilder(definitions).build_all();
  if (!profiles) return tl::unexpected(std::move(profiles.error()));
  ProfileSet set;
  set.profiles_ = std::move(*profiles);
  return set;
}

Loaded<ProfileSet> ProfileSet::with_directory(const std::string& directory) {
  std::error_code trouble;
  std::vector<std::filesystem::path> paths;
  for (std::filesystem::directory_iterator entry(directory, trouble), end; !trouble && entry != end;
       entry.increment(trouble)) {
    // What is no file is passed over: to open a FIFO would wait for a writer, maybe for ever.
    if (std::error_code gone; entry->path().extension() == ".json" && !entry->is_other(gone))
      paths.push_back(entry->path());
  }
  if (trouble)
    return unreadable(directory, fmt::format("this directory of profiles cannot be read ({})", trouble.message()));
  std::sort(paths.begin(), paths.end());
  std::vector<NamedText> files;
  for (const std::filesystem::path& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    const bool readable = stream.is_open() && std::filesystem::is_regular_file(path, trouble);
    auto text = readable ? whole_text(stream) : tl::unexpected(ReadFailure::broken);
    if (!text) return unreadable(path.string(), "this file cannot be read");
    files.push_back({path.string(), *std::move(text)});
  }
  return with_files(files);
}

std::shared_ptr<const OsProfile> ProfileSet::find(std::string_view name) const {
  const auto profile = profiles_.find(name);
  return profile == profiles_.end() ? nullptr : profile->second;
}

std::vector<std::string> ProfileSet::names() const {
  std::vector<std::string> names;
  for (const auto& [name, unused] : profiles_) names.push_back(name);
  return names;
}

std::map<KernelVersion, std::string> ProfileSet::versions_of_linux() const {
  std::map<KernelVersion, std::string> versions;
  for (const auto& [name, profile] : profiles_)
    if (const auto version = version_in(name)) versions[*version] = name;
  return versions;
}

std::string ProfileSet::of_version_or_older(KernelVersion version) const {
  const auto versions = versions_of_linux();
  const auto newer = versions.upper_bound(version);
  return newer == versions.begin() ? std::string{} : std::prev(newer)->second;
}

std::string ProfileSet::oldest_of_linux() const {
  const auto versions = versions_of_linux();
  return versions.empty() ? std::string{} : versions.begin()->second;
}

std::string ProfileSet::suggestion(std::string_view name) const {
  const auto wanted = version_in(name);
  const std::string oldest = oldest_of_linux();
  if (!wanted || oldest.empty()) return scenarios::suggestion(name, names());
  const std::string older = of_version_or_older(*wanted);
  return older.empty() ? fmt::format("{} is the oldest one of Linux", oldest)
                       : fmt::format("{} is the nearest older one", older);
}

std::vector<FigureText> figures_of(const OsProfile& profile) {
  std::vector<FigureText> figures;
  for (const FigureForm& form : figure_forms()) {
    const auto provenance = profile.provenance.find(std::string(form.key));
    figures.push_back({std::string(form.key), form.print(profile),
                       provenance == profile.provenance.end() ? Provenance{} : provenance->second});
  }
  return figures;
}

}  // namespace netlimits::scenarios
