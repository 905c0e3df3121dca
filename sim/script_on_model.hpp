// Socket scripts on the model, in virtual time: a sleep of a minute costs nothing.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "model/script/script.hpp"
#include "model/sockets/group_draws.hpp"
#include "model/systems/rules.hpp"

namespace netlimits {
struct OsProfile;  // model/systems/os_profile.hpp
}

namespace netlimits::sim {

// Segments travel in zero time; a call that waits moves the clock from timer to timer, at most to its timeout.
class ModelScriptRunner {
 public:
  // The profile of a system that a script names ("linux"), or nothing when it is not known.
  using ProfileNamed = std::function<std::shared_ptr<const OsProfile>(std::string_view os)>;

  // Knows "linux" alone: the reference system, with the settings that the script format gives it; with other rules for
  // whoever wants a model that is wrong.
  explicit ModelScriptRunner(const Rules& rules = {});
  explicit ModelScriptRunner(ProfileNamed profile_named);

  // `other`: a run of the same script that the model is to follow where a kernel draws: it takes the port that was
  // taken there if some draw gives it, and otherwise refuses.
  // `judge`: false for a script without expectations, see InterpretOptions.
  // `draws`: who takes a connection in a SO_REUSEPORT group; nothing: by a fixed hash.
  // A script that the model cannot express gives ScriptRun::not_run.
  ScriptRun run(const Script& script, const ScriptRun* other = nullptr, bool judge = true,
                const std::shared_ptr<GroupDraws>& draws = nullptr) const;

 private:
  ProfileNamed profile_named_;
};

}  // namespace netlimits::sim
