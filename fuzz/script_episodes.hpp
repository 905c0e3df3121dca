// Pieces of random scripts that lead to where single random calls hardly ever come: connections and their ends, full
// queues and ranges, TIME_WAIT and its takeovers, groups of listeners. All they do is still drawn.
#pragma once

#include "fuzz/script_draft.hpp"

namespace netlimits::fuzz {

// One of the episodes that take no time to speak of.
void add_episode(ScriptDraft& draft);
// One that waits for a kernel's timers, at most about three seconds in all.
void add_patient_episode(ScriptDraft& draft);
// One that waits for the end of a TIME_WAIT: more than a minute.
void add_minute_episode(ScriptDraft& draft);

}  // namespace netlimits::fuzz
