namespace MailOperator.Languages;

internal sealed partial class Language
{
    public static readonly Language German = new()
    {
        Code = "de",
        Name = "Deutsch",
        Months =
        [
            "Januar", "Februar", "März", "April", "Mai", "Juni",
            "Juli", "August", "September", "Oktober", "November", "Dezember",
        ],
        DateAndTime = "{0}. {1} {2}, {3}",
        Page = new()
        {
            LanguageLabel = "Sprache",
            SkipToContent = "Zum Inhalt",

            OpenTitle = "Ein Passwort für Ihr Gerät",
            Greeting = "Guten Tag {0}",
            OpenLead = "Sie erhalten ein eigenes Passwort nur für dieses Gerät. Es lässt sich später sperren, "
                + "ohne dass Ihre anderen Geräte betroffen sind.",
            Mailbox = "Postfach",
            Device = "Gerät",
            ValidUntil = "Link gültig bis",
            OnceBefore = "Das Passwort wird einmal angezeigt und lässt sich später nicht mehr anzeigen. "
                + "Halten Sie das Gerät oder Ihren Passwortmanager bereit.",
            Create = "Passwort erstellen",
            OwnSummary = "Ich wähle lieber ein eigenes",
            OwnLabel = "Ihr eigenes Passwort",
            OwnRulesLead = "Es braucht:",
            OwnRuleLength = "16 bis 72 Zeichen",
            OwnRuleCharacters = "nur Buchstaben ohne Umlaut und Akzent, Ziffern, Leerzeichen und gängige Sonderzeichen",
            OwnRuleEdges = "kein Leerzeichen am Anfang oder am Ende",
            OwnRuleWords = "keinen Teil Ihrer Adresse und nicht den Namen des Dienstes",
            OwnRuleRows = "mindestens 10 Zeichen, wenn jede Reihe wie aaaa, 1234 oder abcabc als eines zählt",
            OwnRuleCommon = "mindestens 10 Zeichen, wenn ein bekanntes Passwort wie qwertz als eines zählt",
            OwnAdvice = "Nehmen Sie eines, das Sie sonst nirgends verwenden.",
            OwnButton = "Dieses Passwort verwenden",
            OwnErrorLength = "Dieses Passwort hat nicht 16 bis 72 Zeichen.",
            OwnErrorCharacters = "Dieses Passwort enthält ein Zeichen, das nicht jedes Mailprogramm eingeben kann: "
                + "einen Umlaut, einen Akzent oder ein Emoji.",
            OwnErrorEdges = "Dieses Passwort beginnt oder endet mit einem Leerzeichen.",
            OwnErrorWords = "Dieses Passwort enthält Ihre Adresse, einen Teil davon oder den Namen des Dienstes.",
            OwnErrorRows =
                "Dieses Passwort besteht fast nur aus Wiederholungen oder Reihen wie aaaa, 1234 oder abcabc.",
            OwnErrorCommon = "Dieses Passwort besteht fast nur aus bekannten Passwörtern.",
            PhoneSummary = "Auf dem Telefon weitermachen",
            PhoneText = "Richten Sie die Kamera des Telefons auf diesen Code, um den Link dort zu öffnen. "
                + "Erstellen Sie das Passwort dann nicht hier: Der Link gilt nur einmal.",
            DidNotGoThrough =
                "Das hat nicht geklappt. Der Link ist noch unbenutzt: Bitte versuchen Sie es noch einmal.",

            TakenTitle = "Es gibt schon ein Passwort",
            TakenText = "Sie haben diesen Link in diesem Browser bereits benutzt. Es gilt das Passwort von damals; "
                + "was Sie gerade gesendet haben, wurde nicht übernommen.",

            WaitingTitle = "Ihr Passwort wird eingerichtet",
            WaitingText = "Der Mailserver erfährt gerade davon. Das dauert ein paar Sekunden.",
            WaitingAway = "Der Mailserver antwortet gerade nicht. Es geht nichts verloren: "
                + "Sobald er wieder da ist, geht es von selbst weiter.",
            WaitingRefused = "Das Mailsystem hat das Passwort noch nicht angenommen. Bitte sagen Sie es der Person, "
                + "die Ihnen den Link geschickt hat; danach geht es hier von selbst weiter.",
            WaitingKeep = "Sie können diese Seite schließen und den Link innerhalb von {0} Tagen wieder öffnen, "
                + "in diesem selben Browser.",
            LookAgain = "Noch einmal nachsehen",

            ReadyTitle = "Ihr Passwort ist bereit",
            ReadyLead = "Es gilt ab sofort, nur für dieses Gerät.",
            Password = "Passwort",
            Show = "Anzeigen",
            Hide = "Verbergen",
            Copy = "Kopieren",
            Copied = "Kopiert",
            OnceAfter = "Speichern Sie es jetzt. In {0} Minuten, oder sobald Sie fertig sind, verschwindet es von "
                + "dieser Seite und lässt sich nicht mehr anzeigen.",
            OwnKnown = "Es gilt das Passwort, das Sie beim ersten Absenden eingegeben haben. "
                + "Nur Sie kennen es, deshalb kann es hier nicht angezeigt werden.",
            Done = "Ich habe es gespeichert",
            DoneHint = "Sendet und empfängt Ihre App? Dann nehmen Sie das Passwort von dieser Seite.",
            DoneTitle = "Alles erledigt",
            DoneText = "Das Passwort ist nicht mehr auf dieser Seite. Sollten Sie es verlieren, bitten Sie die Person, "
                + "die Sie eingeladen hat, um einen neuen Link.",

            SettingsTitle = "Einstellungen für Ihre Mail‑App",
            Incoming = "Empfangen ({0})",
            Outgoing = "Senden ({0})",
            Server = "Server",
            Port = "Port",
            Security = "Sicherheit",
            SecurityNone = "keine",
            Username = "Benutzername",
            PasswordAsAbove = "das von oben",

            AppsTitle = "Eine App einrichten",
            AppleTitle = "iPhone, iPad und Mac",
            AppleLead = "Das Profil enthält alle Einstellungen und das Passwort: Löschen Sie die Datei, "
                + "sobald es installiert ist.",
            AppleDownload = "Profil herunterladen",
            AppleSteps =
            [
                "Laden Sie das Profil auf dem Gerät selbst herunter, mit Safari.",
                "Öffnen Sie die Einstellungen (auf dem Mac: Systemeinstellungen, Allgemein, Geräteverwaltung) und "
                + "wählen Sie das geladene Profil.",
                "Installieren Sie es. Das Postfach ist danach in der App „Mail“.",
            ],
            ThunderbirdSteps =
            [
                "Wählen Sie „Neues Konto“, dann „E-Mail“, und geben Sie Ihren Namen und das Postfach ein.",
                "Fragt es nach einem Passwort, fügen Sie das von oben ein.",
                "Werden die Einstellungen nicht gefunden, wählen Sie „Manuell einrichten“ und geben Sie jene "
                + "der Tabelle ein.",
            ],
            OutlookSteps =
            [
                "Wählen Sie „Datei“, „Konto hinzufügen“ und geben Sie das Postfach ein.",
                "Wählen Sie „Erweiterte Optionen“, „Ich möchte mein Konto manuell einrichten“, dann IMAP oder POP.",
                "Geben Sie die Einstellungen der Tabelle ein, danach das Passwort.",
            ],
            OtherTitle = "Eine andere App",
            OtherSteps =
            [
                "Fügen Sie ein Konto der Art „Andere“ oder „IMAP“ hinzu.",
                "Geben Sie die Einstellungen der Tabelle ein; auch das Senden braucht Benutzername und Passwort.",
            ],

            UnusableTitle = "Dieser Link lässt sich nicht verwenden",
            UnusableText = "Er wurde bereits benutzt, ist abgelaufen oder wurde nicht vollständig kopiert.",
            UnusableAdvice = "Bitten Sie die Person, die ihn geschickt hat, um einen neuen.",
            UnusableSameBrowser = "Sie haben soeben in diesem Browser ein Passwort erstellt?",
            OpenAgain = "Den Link noch einmal öffnen",
            TooManyTitle = "Zu viele Anfragen",
            TooManyText = "Bitte warten Sie eine Minute und öffnen Sie den Link noch einmal. Er ist nicht verbraucht.",
            FailedTitle = "Das hat nicht geklappt",
            FailedText = "Bei uns ist etwas schiefgegangen. Bitte öffnen Sie den Link in einem Moment noch einmal.",
            FormTitle = "Bitte öffnen Sie den Link noch einmal",
            FormText = "Das Formular war zu alt, oder Ihr Browser behält für diese Seite keine Cookies. "
                + "Der Link ist nicht verbraucht.",
        },
        Mail = new()
        {
            Subject = "Ihr Link zu einem Mail-Passwort",
            Greeting = "Guten Tag {0}",
            Lead = "Mit diesem Link erhalten Sie ein Passwort für das Postfach {0} auf Ihrem Gerät «{1}» und die "
                + "Einstellungen dazu.",
            Button = "Passwort abholen",
            Until = "Der Link gilt bis {0}.",
            Once = "Er lässt sich einmal verwenden: Öffnen Sie ihn, wenn Sie das Gerät zur Hand haben.",
            Fallback = "Falls der Knopf nichts tut, kopieren Sie diesen Link in Ihren Browser:",
            Unexpected = "Sie haben diese Nachricht nicht erwartet? Dann öffnen Sie den Link nicht und melden Sie sich "
                + "bei Ihrer Administration.",
        },
    };
}
