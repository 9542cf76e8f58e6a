package sink

// Environment returns the settings among the variables of an environment as
// os.Environ returns it, by their whole names. A NAME_FILE has been replaced by
// NAME with the file's content. The error is a [*SettingError].
func Environment(environ []string) (map[string]string, error) { return withFiles(environ) }

// KafkaProperties returns librdkafka's own properties among the settings that
// [Environment] returned. The error is a [*SettingError].
func KafkaProperties(vars map[string]string) (map[string]string, error) { return kafkaProperties(vars) }
