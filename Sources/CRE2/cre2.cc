#include "cre2.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <re2/re2.h>
#include <re2/set.h>

namespace {

RE2::Options Options(int64_t max_memory_bytes) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(max_memory_bytes);
  return options;
}

re2::StringPiece Piece(const char *text, size_t count) { return re2::StringPiece(text == nullptr ? "" : text, count); }

}  // namespace

struct cre2_pattern {
  RE2 re2;
  std::vector<std::string> names;

  cre2_pattern(re2::StringPiece text, const RE2::Options &options) : re2(text, options) {
    if (!re2.ok()) return;
    names.resize(static_cast<size_t>(re2.NumberOfCapturingGroups()) + 1);
    for (const auto &group : re2.CapturingGroupNames()) names[static_cast<size_t>(group.first)] = group.second;
  }
};

struct cre2_set {
  RE2::Set set;

  explicit cre2_set(const RE2::Options &options) : set(options, RE2::UNANCHORED) {}
};

cre2_pattern *cre2_pattern_create(const char *text, size_t count, int64_t max_memory_bytes) {
  return new (std::nothrow) cre2_pattern(Piece(text, count), Options(max_memory_bytes));
}

void cre2_pattern_free(cre2_pattern *pattern) { delete pattern; }

const char *cre2_pattern_error(const cre2_pattern *pattern) {
  return pattern->re2.ok() ? nullptr : pattern->re2.error().c_str();
}

int cre2_pattern_group_count(const cre2_pattern *pattern) { return std::max(pattern->re2.NumberOfCapturingGroups(), 0); }

const char *cre2_pattern_group_name(const cre2_pattern *pattern, int group) {
  if (group < 1 || static_cast<size_t>(group) >= pattern->names.size()) return nullptr;
  const std::string &name = pattern->names[static_cast<size_t>(group)];
  return name.empty() ? nullptr : name.c_str();
}

bool cre2_pattern_match(
    const cre2_pattern *pattern, const char *text, size_t count, size_t start, cre2_range *captures,
    int capture_count) {
  const re2::StringPiece piece = Piece(text, count);
  if (!pattern->re2.ok() || start > count) return false;
  if (captures == nullptr) return pattern->re2.Match(piece, start, count, RE2::UNANCHORED, nullptr, 0);
  // Few patterns have more groups; memory is asked for only then.
  constexpr int kFew = 17;
  re2::StringPiece few[kFew];
  const int wanted = std::min(capture_count, cre2_pattern_group_count(pattern) + 1);
  std::vector<re2::StringPiece> many(static_cast<size_t>(wanted > kFew ? wanted : 0));
  re2::StringPiece *const found = wanted > kFew ? many.data() : few;
  if (!pattern->re2.Match(piece, start, count, RE2::UNANCHORED, found, wanted)) return false;
  for (int index = 0; index < capture_count; index++) {
    const bool took_part = index < wanted && found[index].data() != nullptr;
    captures[index].offset = took_part ? found[index].data() - piece.data() : -1;
    captures[index].count = took_part ? found[index].size() : 0;
  }
  return true;
}

cre2_set *cre2_set_create(int64_t max_memory_bytes) { return new (std::nothrow) cre2_set(Options(max_memory_bytes)); }

void cre2_set_free(cre2_set *set) { delete set; }

int cre2_set_add(cre2_set *set, const char *text, size_t count) { return set->set.Add(Piece(text, count), nullptr); }

bool cre2_set_compile(cre2_set *set) { return set->set.Compile(); }

int cre2_set_match(const cre2_set *set, const char *text, size_t count) {
  RE2::Set::ErrorInfo error{};
  if (set->set.Match(Piece(text, count), nullptr, &error)) return 1;
  return error.kind == RE2::Set::kNoError ? 0 : -1;
}
