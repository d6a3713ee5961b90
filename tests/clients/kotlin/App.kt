/* The natural code of an app that uses the records which openapi-generator makes for Kotlin, over the JDK's own HTTP client. */

import exercises.models.*
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandlers
import kotlinx.serialization.encodeToString
import kotlinx.serialization.json.*

val json = Json { ignoreUnknownKeys = true } // fields may be added

class Service(private val base: String, private val key: String) {
    private val http: HttpClient = HttpClient.newHttpClient()

    fun send(method: String, path: String, body: String? = null, vararg headers: String): HttpResponse<String> {
        val asked = HttpRequest.newBuilder(URI.create(base + path)).header("Authorization", "Bearer $key").header("Accept", "application/json")
        headers.asList().chunked(2).forEach { (name, value) -> asked.header(name, value) }
        if (body != null) asked.header("Content-Type", "application/json")
        return http.send(asked.method(method, body?.let(BodyPublishers::ofString) ?: BodyPublishers.noBody()).build(), BodyHandlers.ofString())
    }

    inline fun <reified Record> read(path: String): Record = json.decodeFromString(send("GET", path).body())
}

fun main(words: Array<String>) {
    val service = Service(words[0], words[1])

    val names = mutableListOf<String>()
    var avoid = 0
    var next: String? = "/exercises?type=unstable&view=summary&limit=2"
    while (next != null) {
        val page: ExerciseList = service.read(next)
        names += page.items.map { it.name }
        avoid = page.avoid.orEmpty().size
        next = page.next
    }

    val code = service.read<Problem>("/exercises/no-such-exercise").code

    val form: ScreeningForm = service.read("/screenings/form")
    val asked = form.questions.filter { it.kind == QuestionKind.redMinusFlag }.map { it.slug }
    val answers = Answers(asked = asked, redFlags = emptyList(), symptoms = true, indicators = listOf("very-flexible"))
    val screened: Screening = json.decodeFromString(service.send("POST", "/screenings", json.encodeToString(answers)).body())

    val seen = service.send("GET", "/exercises/pelvic-tilts")
    val read: AnsweredExercise = json.decodeFromString(seen.body())
    val dosed = if (read.dosages.first().reps?.min is Double) "number" else "undefined"
    val edited = json.decodeFromString<ExerciseEdit>(seen.body()).copy(name = "Pelvic tilts (Kotlin)")
    val etag = seen.headers().firstValue("ETag").orElseThrow()
    val written: AnsweredExercise = json.decodeFromString(service.send("PUT", "/exercises/pelvic-tilts", json.encodeToString(edited), "If-Match", etag).body())

    var changed = false
    next = "/changes?since=0"
    while (next != null) {
        // The generator declares the union of changes, but doesn't make its members part of it: so the kind is read first.
        val page: JsonObject = service.read(next)
        val ofExercises = page.getValue("items").jsonArray.filter { it.jsonObject["kind"] == JsonPrimitive("exercise") }
        changed = changed || ofExercises.any { json.decodeFromJsonElement<ExerciseChange>(it).record?.name == "Pelvic tilts (Kotlin)" }
        next = page.getValue("next").jsonPrimitive.contentOrNull
    }

    println(
        buildJsonObject {
            put("listed", names.size)
            put("avoid", avoid)
            put("code", code.value)
            put("outcome", screened.outcome.value)
            put("dosed", dosed)
            put("written", written.name)
            put("changed", changed)
        }
    )
}
