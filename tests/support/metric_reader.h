#ifndef TESTS_SUPPORT_METRIC_READER_H_
#define TESTS_SUPPORT_METRIC_READER_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <map>
#include <optional>
#include <string>

namespace tokens::testing {

// The value of one series of a counter or gauge, or how many observations a histogram has. Nothing if there is no such
// series. `labels` are all that it has.
inline std::optional<double> ReadMetric(const prometheus::Collectable& metrics, const std::string& name,
                                        const std::map<std::string, std::string>& labels = {}) {
  for (const prometheus::MetricFamily& family : metrics.Collect()) {
    if (family.name != name) continue;
    for (const prometheus::ClientMetric& metric : family.metric) {
      std::map<std::string, std::string> found;
      for (const auto& label : metric.label) found[label.name] = label.value;
      if (found != labels) continue;
      switch (family.type) {
        case prometheus::MetricType::Counter: return metric.counter.value;
        case prometheus::MetricType::Gauge: return metric.gauge.value;
        case prometheus::MetricType::Histogram: return static_cast<double>(metric.histogram.sample_count);
        default: return std::nullopt;
      }
    }
  }
  return std::nullopt;
}

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_METRIC_READER_H_
