// Which scripts suit a batch (nothing is decided by an answer), and the matching of questions with answers.
#include "live/calls/call_batch.hpp"

#include <algorithm>
#include <utility>

namespace netlimits::live {
namespace {

bool can_be_told_before(const Step& step) {
  switch (step.call) {
    case Call::socket:
    case Call::setsockopt:
    case Call::getsockopt:
    case Call::bind:
    case Call::listen:
    case Call::connect:
    case Call::disconnect:
    case Call::await:
    case Call::accept:
    case Call::getsockname:
    case Call::getpeername:
    case Call::send:
    case Call::recv:
    case Call::shutdown:
    case Call::close:
      return step.save.empty();
    default:
      return false;
  }
}

}  // namespace

bool CallBatch::suits(const Script& script) {
  constexpr std::size_t own_questions = 3;  // begin, finish, clean
  return script.hosts.size() == 1 && script.hosts.begin()->second.processes.size() == 1 &&
         script.steps.size() + own_questions <= WorkerBatch::most &&
         std::all_of(script.steps.begin(), script.steps.end(), can_be_told_before);
}

void CallBatch::begin_answers(std::vector<WorkerAnswer> answers, std::size_t first) {
  answers_ = std::move(answers);
  next_ = first;
}

std::optional<WorkerAnswer> CallBatch::ask(const WorkerQuestion& question) {
  if (answers_.empty()) {
    WorkerAnswer fine;
    fine.descriptor = descriptor_made_at(questions_.size());
    questions_.push_back(question);
    return fine;
  }
  pass_skipped();
  if (next_ >= answers_.size() || !(questions_[next_] == question)) return std::nullopt;
  WorkerAnswer answer = answers_[next_];
  answer.descriptor = descriptor_made_at(next_++);
  return answer;
}

bool CallBatch::used_up_to(std::size_t end) {
  pass_skipped();
  return next_ == end;
}

void CallBatch::pass_skipped() {
  while (next_ < answers_.size() && answers_[next_].skipped) ++next_;
}

}  // namespace netlimits::live
