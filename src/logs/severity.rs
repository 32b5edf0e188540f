//! How grave a message is, by the word that the server writes.

/// In the order of `log_min_messages`, where LOG stands above ERROR.
#[derive(Clone, Copy, std::fmt::Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Debug,
    Info,
    Notice,
    Warning,
    Error,
    Log,
    Fatal,
    Panic,
}

use Severity::{Debug, Error, Fatal, Info, Log, Notice, Panic, Warning};

impl Severity {
    pub const ALL: [Self; 8] = [Debug, Info, Notice, Warning, Error, Log, Fatal, Panic];

    pub fn as_str(self) -> &'static str {
        match self {
            Debug => "DEBUG",
            Info => "INFO",
            Notice => "NOTICE",
            Warning => "WARNING",
            Error => "ERROR",
            Log => "LOG",
            Fatal => "FATAL",
            Panic => "PANIC",
        }
    }

    /// Something failed: a statement, a session or the server.
    pub fn is_error(self) -> bool {
        matches!(self, Error | Fatal | Panic)
    }

    /// The severity of a word in any language that says it unmistakably.
    pub fn of_word(word: &[u8]) -> Option<Self> {
        let english = Self::ALL.into_iter().find(|severity| severity.as_str().as_bytes() == word);
        english.or_else(|| {
            let translated = TRANSLATED.iter().find(|(known, _)| known.as_bytes() == word);
            translated.map(|(_, severity)| *severity)
        })
    }

    /// From which severity on `log_min_messages` lets messages through.
    pub fn of_setting(value: &str) -> Option<Self> {
        let level = value.trim_end_matches(|c: char| c.is_ascii_digit());
        Self::ALL.into_iter().find(|severity| severity.as_str().eq_ignore_ascii_case(level))
    }
}

/// What `lc_messages` makes of the words in csvlog and stderr; jsonlog is not
/// translated. Georgian is missing because there NOTICE and WARNING are one word.
const TRANSLATED: [(&str, Severity); 44] = [
    // German
    ("HINWEIS", Notice),
    ("WARNUNG", Warning),
    ("FEHLER", Error),
    ("PANIK", Panic),
    // French
    ("ATTENTION", Warning),
    ("ERREUR", Error),
    // Italian
    ("NOTIFICA", Notice),
    ("ATTENZIONE", Warning),
    ("ERRORE", Error),
    ("FATALE", Fatal),
    ("PANICO", Panic),
    // Swedish
    ("LOGG", Log),
    ("NOTIS", Notice),
    ("VARNING", Warning),
    ("FEL", Error),
    ("FATALT", Fatal),
    // Russian
    ("ОТЛАДКА", Debug),
    ("СООБЩЕНИЕ", Log),
    ("ИНФОРМАЦИЯ", Info),
    ("ЗАМЕЧАНИЕ", Notice),
    ("ПРЕДУПРЕЖДЕНИЕ", Warning),
    ("ОШИБКА", Error),
    ("ВАЖНО", Fatal),
    ("ПАНИКА", Panic),
    // Ukrainian
    ("НАЛАГОДЖЕННЯ", Debug),
    ("ЗАПИСУВАННЯ", Log),
    ("ІНФОРМАЦІЯ", Info),
    ("ПОВІДОМЛЕННЯ", Notice),
    ("ПОПЕРЕДЖЕННЯ", Warning),
    ("ПОМИЛКА", Error),
    ("ФАТАЛЬНО", Fatal),
    ("ПАНІКА", Panic),
    // Korean
    ("로그", Log),
    ("알림", Notice),
    ("경고", Warning),
    ("오류", Error),
    ("치명적오류", Fatal),
    ("손상", Panic),
    // Chinese, simplified
    ("日志", Log),
    ("注意", Notice),
    ("警告", Warning),
    ("错误", Error),
    ("致命错误", Fatal),
    ("灾难性错误", Panic),
];

/// What opens a line that belongs to the message before it, in stderr.
const ASIDE: [&str; 55] = [
    "DETAIL:",
    "HINT:",
    "QUERY:",
    "CONTEXT:",
    "LOCATION:",
    "STATEMENT:",
    "BACKTRACE:",
    // German
    "TIPP:",
    "ANFRAGE:",
    "ZUSAMMENHANG:",
    "ORT:",
    "ANWEISUNG:",
    // Spanish
    "DETALLE:",
    "CONSULTA:",
    "CONTEXTO:",
    "UBICACIÓN:",
    "SENTENCIA:",
    // French
    "DÉTAIL:",
    "ASTUCE :",
    "REQUÊTE :",
    "CONTEXTE :",
    "EMPLACEMENT :",
    "INSTRUCTION :",
    "PILE D'APPEL :",
    // Italian
    "DETTAGLI:",
    "SUGGERIMENTO:",
    "CONTESTO:",
    "POSIZIONE:",
    "ISTRUZIONE:",
    // Swedish
    "DETALJ:",
    "TIPS:",
    "FRÅGA:",
    "KONTEXT:",
    "PLATS:",
    "SATS:",
    // Japanese
    "詳細:",
    "ヒント:",
    "問い合わせ:",
    "文脈:",
    "場所:",
    "文:",
    "バックトレース:",
    // Russian
    "ПОДРОБНОСТИ:",
    "ПОДСКАЗКА:",
    "ЗАПРОС:",
    "КОНТЕКСТ:",
    "ПОЛОЖЕНИЕ:",
    "ОПЕРАТОР:",
    "СТЕК:",
    // Ukrainian
    "ВІДОМОСТІ:",
    "УКАЗІВКА:",
    "ЗАПИТ:",
    "РОЗТАШУВАННЯ:",
    "ІНСТРУКЦІЯ:",
    "ВІДСТЕЖУВАТИ:",
];

/// Whether this text, behind the prefix of its line, is part of another message.
pub fn is_aside(text: &[u8]) -> bool {
    ASIDE.iter().any(|word| text.starts_with(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_in_the_languages_that_servers_speak() {
        for (word, severity) in
            [("ERROR", Error), ("FEHLER", Error), ("ВАЖНО", Fatal), ("LOG", Log), ("PANICO", Panic)]
        {
            assert_eq!(Severity::of_word(word.as_bytes()), Some(severity), "{word}");
        }
        assert_eq!(Severity::of_word("გაფრთხილება".as_bytes()), None);
        assert!(is_aside(b"STATEMENT:  select 1") && is_aside("ASTUCE : x".as_bytes()));
        assert!(!is_aside(b"ERROR:  x"));
    }

    #[test]
    fn a_word_means_one_thing() {
        let words = Severity::ALL.iter().map(|severity| severity.as_str());
        let mut words: Vec<_> = words.chain(TRANSLATED.iter().map(|(word, _)| *word)).collect();
        words.sort_unstable();
        assert!(words.windows(2).all(|pair| pair[0] != pair[1]), "{words:?}");
    }

    #[test]
    fn log_stands_above_error_in_log_min_messages() {
        assert_eq!(Severity::of_setting("debug5"), Some(Debug));
        assert_eq!(Severity::of_setting("warning"), Some(Warning));
        assert!(Log > Error && Log < Fatal);
        assert_eq!(Severity::of_setting("loud"), None);
    }
}
